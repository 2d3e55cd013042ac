--- Trains the small language model that the tutorials fall back on: tutorials/data/small_language_model.pth, from the corpus
--- that scripts/make_small_corpus.lua writes. Run it in the checkout's folder.
---
---     qrepl scripts/train_small_lm.lua
arg = {
  [0] = "tutorials/train_word_language_model.lua",
  "--data", "tutorials/data/small", "--emsize", "128", "--nhid", "128", "--nlayers", "2", "--bptt", "25", "--epochs", "8",
  "--log_interval", "40",
  "--save", "tutorials/data/small_language_model.pth", "--checkpoint", os.tmpname(),
}
dofile(arg[0])
os.remove(arg[#arg])
