//! A fact that a GGUF file tells about its model.

use super::reader::Reader;
use crate::error::{Error, Result};

/// One fact. Integers and floats of every width are one kind each.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number; whole numbers are exact to 2^53.
    Number(f64),
    /// True or false.
    Truth(bool),
    /// Text.
    Text(String),
    /// Numbers, truth values as 0 and 1.
    Numbers(Vec<f64>),
    /// Texts.
    Texts(Vec<String>),
}

/// The format's numbers of types.
const TRUTH: u32 = 7;
const TEXT: u32 = 8;
const ARRAY: u32 = 9;

impl Value {
    pub(super) fn read(reader: &mut Reader) -> Result<Self> {
        match reader.u32()? {
            TRUTH => Ok(Self::Truth(reader.array::<1>()? != [0])),
            TEXT => reader.text().map(Self::Text),
            ARRAY => Self::read_array(reader),
            kind => number(reader, kind).map(Self::Number),
        }
    }

    fn read_array(reader: &mut Reader) -> Result<Self> {
        match reader.u32()? {
            TEXT => {
                let count = reader.count(8)?;
                (0..count).map(|_| reader.text()).collect::<Result<_>>().map(Self::Texts)
            }
            ARRAY => Err(Error::new("lists within lists are not read").hint("is this a text encoder's file?")),
            kind => {
                let count = reader.count(width(kind)?)?;
                (0..count).map(|_| number(reader, kind)).collect::<Result<_>>().map(Self::Numbers)
            }
        }
    }

    /// A whole number that is not negative.
    pub fn whole(&self) -> Option<u64> {
        match self {
            Self::Number(number) if *number >= 0.0 && number.fract() == 0.0 => Some(*number as u64),
            _ => None,
        }
    }

    /// A number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A truth value.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            _ => None,
        }
    }

    /// A text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A list of numbers.
    pub fn numbers(&self) -> Option<&[f64]> {
        match self {
            Self::Numbers(numbers) => Some(numbers),
            _ => None,
        }
    }

    /// A list of texts.
    pub fn texts(&self) -> Option<&[String]> {
        match self {
            Self::Texts(texts) => Some(texts),
            _ => None,
        }
    }
}

fn width(kind: u32) -> Result<usize> {
    match kind {
        0 | 1 | TRUTH => Ok(1),
        2 | 3 => Ok(2),
        4..=6 => Ok(4),
        10..=12 => Ok(8),
        _ => Err(Error::new(format!("a value of unknown kind {kind}")).hint("the file is damaged: get it again")),
    }
}

fn number(reader: &mut Reader, kind: u32) -> Result<f64> {
    width(kind)?;
    Ok(match kind {
        1 => f64::from(i8::from_le_bytes(reader.array()?)),
        2 => f64::from(u16::from_le_bytes(reader.array()?)),
        3 => f64::from(i16::from_le_bytes(reader.array()?)),
        4 => f64::from(reader.u32()?),
        5 => f64::from(i32::from_le_bytes(reader.array()?)),
        6 => f64::from(f32::from_le_bytes(reader.array()?)),
        10 => reader.u64()? as f64,
        11 => i64::from_le_bytes(reader.array()?) as f64,
        12 => f64::from_le_bytes(reader.array()?),
        _ => f64::from(reader.array::<1>()?[0]),
    })
}
