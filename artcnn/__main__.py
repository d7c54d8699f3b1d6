"""``python -m artcnn``."""

from artcnn.cli import main

if __name__ == "__main__":
    main()
