--- What a DistilBERT is made of; `hidden_size`, `num_attention_heads` and `num_hidden_layers` are other names of three fields. Mirrors
--- `transformers.DistilBertConfig`.
return require "transformers.configuration" ("DistilBertConfig", {
  model_type = "distilbert", width = "dim", heads = "n_heads", sizes = {"vocab_size", "max_position_embeddings", "n_layers", "n_heads", "dim", "hidden_dim"},
  names = {hidden_size = "dim", num_attention_heads = "n_heads", num_hidden_layers = "n_layers"},
  fields = {
    {"vocab_size", "int", 30522}, {"max_position_embeddings", "int", 512}, {"sinusoidal_pos_embds", "bool", false}, {"n_layers", "int", 6},
    {"n_heads", "int", 12}, {"dim", "int", 768}, {"hidden_dim", "int", 3072}, {"dropout", "float|int", 0.1}, {"attention_dropout", "float|int", 0.1},
    {"activation", "str", "gelu"}, {"initializer_range", "float", 0.02}, {"qa_dropout", "float|int", 0.1}, {"seq_classif_dropout", "float|int", 0.2},
    {"pad_token_id", "int?", 0}, {"eos_token_id", "int|list?"}, {"bos_token_id", "int?"}, {"tie_word_embeddings", "bool", true},
  },
})
