"""The metric dictionary: definitions (YAML), and the code that answers from them."""
