"""Programs that compare otterdsl with its peers, and with itself at another size. Not tests: they need time and a quiet machine."""
