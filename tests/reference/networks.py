def make_unet(out): pass
def make_t5(out): pass
