"""Jobs: everything that makes a picture, trains or tests a network as the command line does, without a terminal."""
