//! MT19937 (Matsumoto & Nishimura 1998), the engine under PyTorch's CPU generator, with a state that can be saved.

/// Words of state.
pub const N: usize = 624;
const M: usize = 397;

/// The engine: its words, and the next of them to be handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mt19937 {
    words: Box<[u32; N]>,
    next: usize,
}

impl Mt19937 {
    /// Seeded as `init_genrand`.
    pub fn new(seed: u32) -> Self {
        let mut words = Box::new([seed; N]);
        for i in 1..N {
            let before = words[i - 1];
            words[i] = 1_812_433_253_u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(i as u32);
        }
        Self { words, next: N }
    }

    /// The words and the index of the next.
    pub fn state(&self) -> (&[u32; N], usize) {
        (&self.words, self.next)
    }

    /// The engine in such a state; `None` for an index past the end.
    pub fn from_state(words: [u32; N], next: usize) -> Option<Self> {
        (next <= N).then(|| Self { words: Box::new(words), next })
    }

    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        if self.next == N {
            self.refill();
        }
        let mut y = self.words[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    fn refill(&mut self) {
        let words = &mut self.words;
        for i in 0..N {
            let y = (words[i] & 0x8000_0000) | (words[(i + 1) % N] & 0x7fff_ffff);
            let odd = if y & 1 == 1 { 0x9908_b0df } else { 0 };
            words[i] = words[(i + M) % N] ^ (y >> 1) ^ odd;
        }
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::Mt19937;

    /// The 10,000th output of the default seed, as the C++ standard fixes it ([rand.predef]).
    #[test]
    fn the_ten_thousandth_output_is_the_standards() {
        let mut engine = Mt19937::new(5489);
        let last = (0..10_000).map(|_| engine.next_u32()).last();
        assert_eq!(last, Some(4_123_659_995));
    }
}
