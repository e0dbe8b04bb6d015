//! Pickle's opcodes, protocols 0 to 5, as far as `torch.save` writes them, under the names of Python's
//! `pickletools`.

macro_rules! opcodes {
    ($($name:ident = $byte:literal),* $(,)?) => { $(pub(super) const $name: u8 = $byte;)* };
}

opcodes! {
    MARK = b'(', STOP = b'.', POP = b'0', POP_MARK = b'1', DUP = b'2',
    NONE = b'N', NEWTRUE = 0x88, NEWFALSE = 0x89,
    BININT = b'J', BININT1 = b'K', BININT2 = b'M', LONG1 = 0x8a, LONG4 = 0x8b, BINFLOAT = b'G',
    BINUNICODE = b'X', SHORT_BINUNICODE = 0x8c, BINUNICODE8 = 0x8d,
    BINSTRING = b'T', SHORT_BINSTRING = b'U', BINBYTES = b'B', SHORT_BINBYTES = b'C', BINBYTES8 = 0x8e,
    EMPTY_TUPLE = b')', TUPLE = b't', TUPLE1 = 0x85, TUPLE2 = 0x86, TUPLE3 = 0x87,
    EMPTY_LIST = b']', APPEND = b'a', APPENDS = b'e', LIST = b'l',
    EMPTY_DICT = b'}', DICT = b'd', SETITEM = b's', SETITEMS = b'u', EMPTY_SET = 0x8f, ADDITEMS = 0x90,
    GLOBAL = b'c', STACK_GLOBAL = 0x93, REDUCE = b'R', NEWOBJ = 0x81, BUILD = b'b', BINPERSID = b'Q',
    BINPUT = b'q', LONG_BINPUT = b'r', BINGET = b'h', LONG_BINGET = b'j', MEMOIZE = 0x94,
    PROTO = 0x80, FRAME = 0x95,
}
