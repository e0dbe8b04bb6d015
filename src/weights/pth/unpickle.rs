//! A pickle machine for dictionaries of tensors: it builds values and calls nothing.
//!
//! Opcodes and stack behaviour after Python's `pickletools.py`. Every length is held against the bytes that
//! are left before it is believed, and whatever copies values has a budget, so that memory and time stay within a
//! multiple of the pickle's own length: a list of a thousand pairs can be made into a dictionary a thousand times over.

use std::collections::HashMap;
use std::rc::Rc;

use super::opcodes as op;
use super::value::{Callable, StorageRef, TensorRef, Tree, Value};
use crate::error::{Error, Result};
use crate::weights::stored_dtype::StoredDtype;

/// Axes of a tensor; PyTorch's own limit is 64, networks have 5.
const MAX_AXES: usize = 8;

/// Values that may be copied for each byte of a pickle. A tensor's 60 bytes or more copy some 20.
const COPIES_A_BYTE: usize = 2;

/// The value that a pickle describes.
pub(super) fn unpickle(bytes: &[u8]) -> Result<Tree> {
    let copies = bytes.len().saturating_mul(COPIES_A_BYTE);
    let mut machine = Machine { rest: bytes, copies, stack: Vec::new(), memo: HashMap::new(), tree: Tree::default() };
    while let Some(opcode) = machine.take(1)?.first().copied() {
        if opcode == op::STOP {
            break;
        }
        machine.step(opcode)?;
    }
    machine.tree.root = Some(machine.pop()?);
    Ok(machine.tree)
}

struct Machine<'a> {
    rest: &'a [u8],
    /// Values that may still be copied.
    copies: usize,
    stack: Vec<Value>,
    memo: HashMap<usize, Value>,
    tree: Tree,
}

fn damaged(what: &str) -> Error {
    Error::new(format!("damaged PyTorch file ({what})")).hint("get it again, or use the .safetensors file")
}

impl<'a> Machine<'a> {
    fn step(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            op::PROTO => drop(self.take(1)?),
            op::FRAME => drop(self.take(8)?),
            op::MARK => self.stack.push(Value::Mark),
            op::POP => drop(self.pop()?),
            op::POP_MARK => drop(self.since_mark()?),
            op::DUP => {
                let top = self.top()?.clone();
                self.stack.push(top);
            }
            op::NONE => self.stack.push(Value::None),
            op::NEWTRUE | op::NEWFALSE => self.stack.push(Value::Bool),
            op::BININT | op::BININT1 | op::BININT2 | op::LONG1 | op::LONG4 => self.integer(opcode)?,
            op::BINFLOAT => {
                self.take(8)?;
                self.stack.push(Value::Float);
            }
            op::BINUNICODE | op::SHORT_BINUNICODE | op::BINUNICODE8 => self.string(opcode)?,
            op::BINSTRING | op::SHORT_BINSTRING | op::BINBYTES | op::SHORT_BINBYTES | op::BINBYTES8 => {
                self.string(opcode)?;
            }
            op::BINPUT | op::LONG_BINPUT | op::MEMOIZE => self.put(opcode)?,
            op::BINGET | op::LONG_BINGET => {
                let number = self.length(if opcode == op::BINGET { 1 } else { 4 })?;
                let value = self.memo.get(&number).cloned().ok_or_else(|| damaged("no such memo"))?;
                self.stack.push(value);
            }
            op::GLOBAL | op::STACK_GLOBAL => self.global(opcode)?,
            op::REDUCE | op::NEWOBJ => self.call()?,
            // The state of an OrderedDict is its _metadata: nothing that weights need.
            op::BUILD => drop(self.pop()?),
            op::BINPERSID => self.storage()?,
            other => return self.collect(other),
        }
        Ok(())
    }

    /// Tuples, lists and dictionaries.
    fn collect(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            op::EMPTY_TUPLE | op::EMPTY_LIST | op::EMPTY_SET => self.push_list(Vec::new()),
            op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => {
                let items = self.pop_many(usize::from(opcode - op::TUPLE1) + 1)?;
                self.push_list(items);
            }
            op::TUPLE | op::LIST => {
                let items = self.since_mark()?;
                self.push_list(items);
            }
            op::APPEND | op::APPENDS | op::ADDITEMS => {
                let items = if opcode == op::APPEND { vec![self.pop()?] } else { self.since_mark()? };
                let Value::List(number) = *self.top()? else { return Err(damaged("append to what is no list")) };
                self.tree.lists[number].extend(items);
            }
            op::EMPTY_DICT => self.push_dict(Vec::new()),
            op::DICT => {
                let items = self.since_mark()?;
                self.push_dict(pairs(items)?);
            }
            op::SETITEM | op::SETITEMS => {
                let items = if opcode == op::SETITEM { self.pop_many(2)? } else { self.since_mark()? };
                let Value::Dict(number) = *self.top()? else {
                    return Err(damaged("an item for what is no dictionary"));
                };
                self.tree.dicts[number].extend(pairs(items)?);
            }
            other => return Err(damaged(&format!("opcode {other:#04x} is not one that tensors need"))),
        }
        Ok(())
    }

    fn integer(&mut self, opcode: u8) -> Result<()> {
        let bytes = match opcode {
            op::BININT => self.take(4)?,
            op::BININT1 => self.take(1)?,
            op::BININT2 => self.take(2)?,
            _ => {
                let length = self.length(if opcode == op::LONG1 { 1 } else { 4 })?;
                self.take(length)?
            }
        };
        if bytes.len() > 8 {
            return Err(damaged("a number of more than 64 bits"));
        }
        let signed = !matches!(opcode, op::BININT1 | op::BININT2);
        let negative = signed && bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut eight = [if negative { 0xFF } else { 0 }; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        self.stack.push(Value::Int(i64::from_le_bytes(eight)));
        Ok(())
    }

    /// Strings, and byte strings as far as they are text.
    fn string(&mut self, opcode: u8) -> Result<()> {
        let length = self.length(match opcode {
            op::SHORT_BINUNICODE | op::SHORT_BINSTRING | op::SHORT_BINBYTES => 1,
            op::BINUNICODE8 | op::BINBYTES8 => 8,
            _ => 4,
        })?;
        let text = String::from_utf8_lossy(self.take(length)?);
        self.stack.push(Value::Str(text.as_ref().into()));
        Ok(())
    }

    fn put(&mut self, opcode: u8) -> Result<()> {
        let number = match opcode {
            op::BINPUT => self.length(1)?,
            op::LONG_BINPUT => self.length(4)?,
            _ => self.memo.len(),
        };
        let top = self.top()?.clone();
        self.memo.insert(number, top);
        Ok(())
    }

    fn global(&mut self, opcode: u8) -> Result<()> {
        let (module, name) = if opcode == op::GLOBAL {
            (self.line()?, self.line()?)
        } else {
            let (name, module) = (self.pop()?, self.pop()?);
            let (Value::Str(module), Value::Str(name)) = (module, name) else {
                return Err(damaged("a name that is no string"));
            };
            (module.to_string(), name.to_string())
        };
        let callable = callable(&module, &name).ok_or_else(|| {
            Error::new(format!("wants to call {module}.{name}, which weights do not need"))
                .hint("do not trust this file; in PyTorch, save only model.state_dict(), or use safetensors")
        })?;
        self.stack.push(Value::Callable(callable));
        Ok(())
    }

    fn call(&mut self) -> Result<()> {
        let (arguments, callable) = (self.pop()?, self.pop()?);
        let Value::Callable(callable) = callable else { return Err(damaged("a call of what cannot be called")) };
        let count = self.tree.list(&arguments).ok_or_else(|| damaged("a call without arguments"))?.len();
        self.spend(count)?;
        let arguments = self.tree.list(&arguments).unwrap_or_default().to_vec();
        match callable {
            Callable::OrderedDict => {
                self.spend(arguments.first().and_then(|list| self.tree.list(list)).map_or(0, <[Value]>::len))?;
                let given = arguments.first().and_then(|list| self.tree.list(list)).unwrap_or_default();
                let mut items = Vec::with_capacity(given.len());
                for pair in given {
                    match self.tree.list(pair) {
                        Some([key, value]) => items.push((key.clone(), value.clone())),
                        _ => return Err(damaged("a dictionary of what are no pairs")),
                    }
                }
                self.push_dict(items);
            }
            Callable::RebuildTensor => {
                let tensor = self.rebuild(&arguments)?;
                self.tree.tensors.push(tensor);
                self.stack.push(Value::Tensor(self.tree.tensors.len() - 1));
            }
            Callable::RebuildParameter | Callable::Size => {
                let first = arguments.into_iter().next().ok_or_else(|| damaged("a call without arguments"))?;
                self.stack.push(first);
            }
            Callable::Storage(_) => return Err(damaged("a storage that is called")),
        }
        Ok(())
    }

    /// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)`.
    fn rebuild(&self, arguments: &[Value]) -> Result<TensorRef> {
        let wrong = || damaged("a tensor that is not described as one");
        let [Value::Storage(storage), Value::Int(offset), shape, strides, ..] = arguments else { return Err(wrong()) };
        let sizes = |value: &Value| -> Option<Vec<usize>> {
            let size = |item: &Value| match item {
                Value::Int(size) => usize::try_from(*size).ok(),
                _ => None,
            };
            self.tree.list(value).filter(|items| items.len() <= MAX_AXES)?.iter().map(size).collect()
        };
        let (shape, strides) = (sizes(shape).ok_or_else(wrong)?, sizes(strides).ok_or_else(wrong)?);
        if shape.len() != strides.len() {
            return Err(wrong());
        }
        let offset = usize::try_from(*offset).map_err(|_| wrong())?;
        Ok(TensorRef { storage: (**storage).clone(), offset, shape, strides })
    }

    /// The persistent id `('storage', class, key, location, elements)`; the location (a device) is ignored.
    fn storage(&mut self) -> Result<()> {
        let id = self.pop()?;
        let wrong = || damaged("a storage that is not described as one");
        let Some(
            [Value::Str(_), Value::Callable(Callable::Storage(dtype)), Value::Str(key), _, Value::Int(elements), ..],
        ) = self.tree.list(&id)
        else {
            return Err(wrong());
        };
        let elements = usize::try_from(*elements).map_err(|_| wrong())?;
        let storage = StorageRef { dtype: *dtype, key: key.clone(), elements };
        self.stack.push(Value::Storage(Rc::new(storage)));
        Ok(())
    }

    fn spend(&mut self, copies: usize) -> Result<()> {
        self.copies = self.copies.checked_sub(copies).ok_or_else(|| damaged("it repeats itself without end"))?;
        Ok(())
    }

    fn push_list(&mut self, items: Vec<Value>) {
        self.tree.lists.push(items);
        self.stack.push(Value::List(self.tree.lists.len() - 1));
    }

    fn push_dict(&mut self, items: Vec<(Value, Value)>) {
        self.tree.dicts.push(items);
        self.stack.push(Value::Dict(self.tree.dicts.len() - 1));
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| damaged("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// A little-endian length of `bytes` bytes.
    fn length(&mut self, bytes: usize) -> Result<usize> {
        let mut eight = [0; 8];
        eight[..bytes].copy_from_slice(self.take(bytes)?);
        usize::try_from(u64::from_le_bytes(eight)).map_err(|_| damaged("a length beyond all memory"))
    }

    fn line(&mut self) -> Result<String> {
        let end = self.rest.iter().position(|&byte| byte == b'\n').ok_or_else(|| damaged("it ends too early"))?;
        let line = String::from_utf8_lossy(&self.take(end + 1)?[..end]).into_owned();
        Ok(line)
    }

    fn pop(&mut self) -> Result<Value> {
        self.stack.pop().ok_or_else(|| damaged("nothing on its stack"))
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Value>> {
        let start = self.stack.len().checked_sub(count).ok_or_else(|| damaged("nothing on its stack"))?;
        Ok(self.stack.split_off(start))
    }

    fn top(&self) -> Result<&Value> {
        self.stack.last().ok_or_else(|| damaged("nothing on its stack"))
    }

    fn since_mark(&mut self) -> Result<Vec<Value>> {
        let mark = self.stack.iter().rposition(|value| matches!(value, Value::Mark));
        let items = self.stack.split_off(mark.ok_or_else(|| damaged("no mark on its stack"))? + 1);
        self.stack.pop();
        Ok(items)
    }
}

fn pairs(items: Vec<Value>) -> Result<Vec<(Value, Value)>> {
    let (pairs, rest) = items.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(damaged("a key without a value"));
    }
    Ok(pairs.iter().map(|[key, value]| (key.clone(), value.clone())).collect())
}

fn callable(module: &str, name: &str) -> Option<Callable> {
    Some(match (module, name) {
        ("collections", "OrderedDict") => Callable::OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2") => Callable::RebuildTensor,
        ("torch._utils", "_rebuild_parameter") => Callable::RebuildParameter,
        ("torch", "Size") => Callable::Size,
        ("torch", storage) => Callable::Storage(match storage.strip_suffix("Storage")? {
            "Float" => StoredDtype::F32,
            "Half" => StoredDtype::F16,
            "BFloat16" => StoredDtype::BF16,
            "Double" => StoredDtype::F64,
            "Long" => StoredDtype::I64,
            "Int" => StoredDtype::I32,
            "Short" => StoredDtype::I16,
            "Char" => StoredDtype::I8,
            "Byte" => StoredDtype::U8,
            "Bool" => StoredDtype::Bool,
            _ => return None,
        }),
        _ => return None,
    })
}
