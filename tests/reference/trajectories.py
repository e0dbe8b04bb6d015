def make(out): pass
