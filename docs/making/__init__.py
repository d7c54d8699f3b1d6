"""How each picture of the documents is made: what is typed for it, and how the result becomes the file."""
