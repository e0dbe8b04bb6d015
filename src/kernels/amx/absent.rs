//! Where there is no tile unit: the same names, and `available` says no, so nothing else is ever called.

use std::marker::PhantomData;

pub const ROWS: usize = 32;
pub const COLUMNS: usize = 16;
pub const DEPTH: usize = 32;

#[derive(Default)]
pub struct Block(PhantomData<()>);

impl Block {
    pub fn rows(&self) -> &[[f32; COLUMNS]; ROWS] {
        &[[0.0; COLUMNS]; ROWS]
    }
}

pub fn available() -> bool {
    false
}

pub struct Unit;

impl Unit {
    pub fn new() -> Self {
        unreachable!("there is no tile unit")
    }

    /// # Safety
    /// Never called.
    pub unsafe fn product(&mut self, _: &[u16], _: usize, _: &[usize], _: &[u16], _: &mut Block) {}

    pub fn write(&self, _: &[f32; COLUMNS], _: f32, _: Option<&[f32]>, _: Option<(&[f32], f32)>, _: &mut [f32]) {}
}

pub fn narrow(_: &[f32], _: &mut [u16]) {}
