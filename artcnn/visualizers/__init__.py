"""Looking inside networks: what each layer is, holds and answers. One method, one file."""
