--- What a BERT is made of. `BertConfig {hidden_size = 384, num_labels = 3}`: what is not given has transformers' default, and names that
--- are none of its become attributes. Mirrors `transformers.BertConfig`.
return require "transformers.configuration" ("BertConfig", {
  model_type = "bert", width = "hidden_size", heads = "num_attention_heads",
  sizes = {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "max_position_embeddings", "type_vocab_size"},
  fields = {
    {"vocab_size", "int", 30522}, {"hidden_size", "int", 768}, {"num_hidden_layers", "int", 12}, {"num_attention_heads", "int", 12},
    {"intermediate_size", "int", 3072}, {"hidden_act", "str", "gelu"}, {"hidden_dropout_prob", "float|int", 0.1},
    {"attention_probs_dropout_prob", "float|int", 0.1}, {"max_position_embeddings", "int", 512}, {"type_vocab_size", "int", 2},
    {"initializer_range", "float", 0.02}, {"layer_norm_eps", "float", 1e-12}, {"pad_token_id", "int?", 0}, {"use_cache", "bool", true},
    {"classifier_dropout", "float|int?"}, {"is_decoder", "bool", false}, {"add_cross_attention", "bool", false}, {"bos_token_id", "int?"},
    {"eos_token_id", "int|list?"}, {"tie_word_embeddings", "bool", true},
  },
})
