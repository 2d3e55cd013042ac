# Makes the files in Fixtures: run with an interpreter that has Hugging Face's tokenizers 0.23. Tests compare with these answers.
import json, os, random
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Fixtures")
os.makedirs(here, exist_ok=True)
words = """[PAD] [UNK] [CLS] [SEP] [MASK] the a of and un una ##ffa ##ble ##able aff play ##ing ##ed ##s he ##llo world hello don ' t . , ! ? - # $ %
 ( ) / : ; 1 2 3 ##1 ##2 ##3 19 ##99 中 文 ##文 ᄒ ##ᅡ ##ᆫ ᄀ ##ᅮ ##ᆨ ко ##т strasse ß ##e caf cafe resume naive istanbul i ##stanbul σ ##σ ##o
 e g say said ##' it is was""".split()
words += [chr(c) for c in range(ord("a"), ord("z") + 1) if chr(c) not in words] + ["##" + chr(c) for c in range(ord("a"), ord("z") + 1)]
words = list(dict.fromkeys(words))
with open(os.path.join(here, "vocab.txt"), "w") as file:
    file.write("".join(word + "\n" for word in words))


def tokenizer(**options):
    t = Tokenizer(models.WordPiece({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(**options)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece(prefix="##")
    t.add_special_tokens([AddedToken(w, special=True, normalized=False) for w in words[:5]])
    t.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return t


random.seed(29592)


def character():
    kind = random.random()
    if kind < 0.35: return chr(random.randrange(32, 127))
    if kind < 0.45: return " "
    if kind < 0.6: return chr(random.randrange(0xA0, 0x250))
    if kind < 0.65: return chr(random.randrange(0x300, 0x370))
    if kind < 0.7: return random.choice("中文한국ΣσİǅßẞＡ①ﬁ̇ٱ‑–…“”『』\u200d\ufeff\u00ad\u3000\t\r\n\0\x7f\u302e\u1bab\ua9c0\u1734")
    if kind < 0.74: return random.choice(["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "[cls]", "unaffable", "Hello", "don't", "x" * 101])
    if kind < 0.9: return chr(random.randrange(0x3000))
    while True:
        code = random.randrange(0x110000)
        if not 0xD800 <= code < 0xE000: return chr(code)


texts = ["", " ", "Hello, world!", "unaffable [MASK] UNAFFABLE", "Don't say \"naïve café\"", "1999-12-31: $1,999.99 (#1)", "中文x文 한국", "x" * 100, "x" * 101,
         "İstanbul ΣΣ ß", "a\u0301\u302e\u1bab", "[CLS] a [SEP]b[PAD]"]
texts += ["".join(character() for _ in range(random.randrange(40))) for _ in range(400)]
cases = []
for options in ({}, {"lowercase": False}, {"strip_accents": False}, {"lowercase": False, "strip_accents": True}, {"handle_chinese_chars": False}):
    t = tokenizer(**options)
    for i, text in enumerate(texts if not options else texts[:100]):
        other = texts[(i * 7 + 3) % len(texts)] if i % 3 == 0 else None
        e = t.encode(text, other) if other is not None else t.encode(text)
        cases.append({"options": options, "text": text, "pair": other, "ids": e.ids, "types": e.type_ids})
# What lies where, on texts without characters that combine in another order.
plain = tokenizer()
for text in texts[:10] + ["The [MASK] of  unaffable\tcafé, 1999!", "한국 중문 中文"]:
    e = plain.encode(text)
    cases.append({"options": {}, "text": text, "pair": None, "ids": e.ids, "types": e.type_ids, "offsets": e.offsets,
                  "words": [-1 if w is None else w for w in e.word_ids], "decoded": plain.decode(e.ids), "decoded_all": plain.decode(e.ids, skip_special_tokens=False)})
# Cut in every way.
one, two = "the a of and hello world", "play the 1 2 3"
for strategy in ("longest_first", "only_first", "only_second"):
    for length in range(0, 16):
        for pair in (None, two):
            for direction in ("right", "left"):
                t = tokenizer()
                case = {"options": {}, "text": one, "pair": pair, "truncation": strategy, "max_length": length, "direction": direction}
                try:
                    t.enable_truncation(length, strategy=strategy, direction=direction)
                    e = t.encode(one, pair) if pair else t.encode(one)
                    case |= {"ids": e.ids, "types": e.type_ids}
                except BaseException as error:
                    case["error"] = str(error)
                cases.append(case)
# Lines: one case each.
with open(os.path.join(here, "cases.jsonl"), "w") as file:
    for case in cases:
        file.write(json.dumps(case, ensure_ascii=True) + "\n")
plain.save(os.path.join(here, "tokenizer.json"))
