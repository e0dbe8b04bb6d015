//! What a pickle of tensors can hold. Lists and dictionaries live in one arena and are named by number, so
//! that a list that contains itself is neither a leak nor an endless walk.

use std::rc::Rc;

use crate::weights::stored_dtype::StoredDtype;

/// The functions and classes that a pickle may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callable {
    /// `collections.OrderedDict`.
    OrderedDict,
    /// `torch._utils._rebuild_tensor_v2`.
    RebuildTensor,
    /// `torch._utils._rebuild_parameter`.
    RebuildParameter,
    /// `torch.Size`.
    Size,
    /// `torch.FloatStorage` and its like.
    Storage(StoredDtype),
}

/// The bytes of one or several tensors.
#[derive(Clone, Debug)]
pub(super) struct StorageRef {
    pub dtype: StoredDtype,
    /// Name of the zip's entry under `data/`.
    pub key: Rc<str>,
    pub elements: usize,
}

/// A view of a storage; offset and strides in elements.
#[derive(Clone, Debug)]
pub(super) struct TensorRef {
    pub storage: StorageRef,
    pub offset: usize,
    pub shape: Vec<usize>,
    pub strides: Vec<usize>,
}

impl TensorRef {
    /// The number of the last element in the storage; `None` beyond what a number can hold.
    pub fn last(&self) -> Option<usize> {
        let mut last = self.offset;
        for (&size, &stride) in self.shape.iter().zip(&self.strides) {
            last = last.checked_add(size.checked_sub(1)?.checked_mul(stride)?)?;
        }
        Some(last)
    }

    /// True when the elements follow each other in order; axes of size 1 may have any stride.
    pub fn is_row_major(&self) -> bool {
        let mut expected = 1;
        for (&size, &stride) in self.shape.iter().zip(&self.strides).rev() {
            if size != 1 && stride != expected {
                return false;
            }
            expected *= size;
        }
        true
    }
}

/// One value on the pickle machine's stack.
#[derive(Clone, Debug)]
pub(super) enum Value {
    None,
    Bool,
    Int(i64),
    Float,
    Str(Rc<str>),
    /// Number of a tuple or list.
    List(usize),
    /// Number of a dictionary.
    Dict(usize),
    Callable(Callable),
    Storage(Rc<StorageRef>),
    /// Number of a tensor.
    Tensor(usize),
    /// The mark that collecting opcodes look for.
    Mark,
}

/// A value and all that it refers to.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub lists: Vec<Vec<Value>>,
    pub dicts: Vec<Vec<(Value, Value)>>,
    pub tensors: Vec<TensorRef>,
    pub root: Option<Value>,
}

impl Tree {
    /// The value that was pickled.
    pub fn root(&self) -> Value {
        self.root.clone().unwrap_or(Value::None)
    }

    /// The pairs of a dictionary.
    pub fn dict(&self, value: &Value) -> Option<&[(Value, Value)]> {
        match value {
            Value::Dict(number) => self.dicts.get(*number).map(Vec::as_slice),
            _ => None,
        }
    }

    /// The elements of a list or tuple.
    pub fn list(&self, value: &Value) -> Option<&[Value]> {
        match value {
            Value::List(number) => self.lists.get(*number).map(Vec::as_slice),
            _ => None,
        }
    }

    /// The value under a string key of a dictionary.
    pub fn get(&self, dict: &Value, key: &str) -> Option<Value> {
        let pairs = self.dict(dict)?;
        pairs
            .iter()
            .find(|(name, _)| matches!(name, Value::Str(name) if **name == *key))
            .map(|(_, value)| value.clone())
    }

    /// Tensor number `number`; numbers only come from this tree.
    pub fn tensor(&self, number: usize) -> &TensorRef {
        &self.tensors[number]
    }
}
