//! Where ids come from, and secrets.
//!
//! A command gets one [`Seed`]; every id it makes is the seed's time and randomness with a running number. So a
//! command that is decided again makes the same ids, and a retry after a lost answer can be recognised.
//!
//! The ids are UUIDs of version 7, laid out as: 48 bits of milliseconds | version | 12 bits counting the seeds of
//! that millisecond | variant | 20 bits counting the ids of the command | 42 random bits. Within a process ids
//! therefore rise in the order in which they were made, and rows of one command keep their order everywhere.
//!
//! Invariant: this file is the only one that asks for randomness.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::value::Instant;

/// Most ids that one command can make.
pub const IDS_PER_COMMAND: u32 = 1 << 20;

const SEEDS_PER_MILLISECOND: u16 = 1 << 12;
const RANDOM_BITS: u32 = 42;

/// The start of all ids of one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed {
    milliseconds: u64,
    turn: u16,
    random: u64,
}

impl Seed {
    /// The seed of a read, which makes no ids.
    pub(crate) const OF_A_READ: Self = Self { milliseconds: 0, turn: 0, random: 0 };

    /// The id with this running number; the command's own id is number 0.
    ///
    /// `None` once a command has used up its numbers.
    #[must_use]
    pub fn id(&self, number: u32) -> Option<Uuid> {
        if number >= IDS_PER_COMMAND {
            return None;
        }
        let high = (u128::from(self.milliseconds) & 0xffff_ffff_ffff) << 80;
        let version = 0x7_u128 << 76;
        let turn = u128::from(self.turn % SEEDS_PER_MILLISECOND) << 64;
        let variant = 0b10_u128 << 62;
        let count = u128::from(number) << RANDOM_BITS;
        let random = u128::from(self.random) & ((1 << RANDOM_BITS) - 1);
        Some(Uuid::from_u128(high | version | turn | variant | count | random))
    }
}

/// A source of seeds.
pub trait IdSource: fmt::Debug + Send + Sync {
    /// A new seed, for a command that starts at `now`.
    fn seed(&self, now: Instant) -> Seed;
}

/// The last time and turn handed out, so that ids rise even while a clock stands still or goes back.
#[derive(Debug, Default)]
struct Turns(Mutex<(u64, u16)>);

impl Turns {
    fn next(&self, now: Instant) -> (u64, u16) {
        let asked = u64::try_from(now.unix_micros() / 1000).unwrap_or(0);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = match *last {
            (time, _) if asked > time => (asked, 0),
            (time, turn) if turn + 1 < SEEDS_PER_MILLISECOND => (time, turn + 1),
            (time, _) => (time + 1, 0),
        };
        *last
    }
}

/// Ids from the machine's randomness: what a host uses.
#[derive(Debug, Default)]
pub struct RandomIds {
    turns: Turns,
}

impl IdSource for RandomIds {
    fn seed(&self, now: Instant) -> Seed {
        let (milliseconds, turn) = self.turns.next(now);
        #[expect(clippy::disallowed_methods, reason = "the one place where randomness comes from")]
        let random = Uuid::new_v4().as_u64_pair().1;
        Seed { milliseconds, turn, random }
    }
}

/// A source of bytes that nobody can guess: for salts, and for secrets that a caller keeps.
pub trait Randomness: fmt::Debug + Send + Sync {
    /// New bytes.
    fn bytes(&self) -> [u8; 32];
}

/// The machine's randomness: what a host uses.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    /// A random UUID has 122 random bits; the digest of three of them has as many as it has room for.
    fn bytes(&self) -> [u8; 32] {
        #[expect(clippy::disallowed_methods, reason = "the one place where randomness comes from")]
        let drawn = [(); 3].map(|()| Uuid::new_v4());
        let digest = drawn.iter().fold(Sha256::new(), |digest, id| digest.chain_update(id.as_bytes()));
        digest.finalize().into()
    }
}

/// Bytes that can be told in advance: for tests and for replays, never for secrets.
#[derive(Debug, Default)]
pub struct SeededRandomness(Mutex<u64>);

impl SeededRandomness {
    /// The sequence that belongs to this number.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Randomness for SeededRandomness {
    fn bytes(&self) -> [u8; 32] {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        Sha256::digest(state.to_be_bytes()).into()
    }
}

/// Ids that can be told in advance: for tests and for replays.
#[derive(Debug, Default)]
pub struct SeededIds {
    turns: Turns,
    state: Mutex<u64>,
}

impl SeededIds {
    /// The sequence that belongs to this number.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self { turns: Turns::default(), state: Mutex::new(seed) }
    }
}

impl IdSource for SeededIds {
    fn seed(&self, now: Instant) -> Seed {
        let (milliseconds, turn) = self.turns.next(now);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        Seed { milliseconds, turn, random: scrambled(*state) }
    }
}

/// SplitMix64's output function: spreads a counter over all bits.
fn scrambled(counter: u64) -> u64 {
    let mut bits = counter;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_within_and_across_commands_even_while_the_clock_stands_still() {
        let source = SeededIds::from_seed(7);
        let now: Instant = "2026-03-01T09:00:00Z".parse().unwrap();
        let mut last = Uuid::nil();
        for _ in 0..10_000 {
            let seed = source.seed(now);
            for number in [0, 1, 2, IDS_PER_COMMAND - 1] {
                let id = seed.id(number).unwrap();
                assert!(id > last, "{id} after {last}");
                assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
                last = id;
            }
        }
        assert_eq!(source.seed(now).id(IDS_PER_COMMAND), None);
    }

    #[test]
    fn the_same_number_gives_the_same_ids() {
        let now: Instant = "2026-03-01T09:00:00Z".parse().unwrap();
        assert_eq!(SeededIds::from_seed(3).seed(now), SeededIds::from_seed(3).seed(now));
        assert_ne!(SeededIds::from_seed(3).seed(now), SeededIds::from_seed(4).seed(now));
    }

    #[test]
    fn secrets_differ_and_those_of_a_seed_can_be_told_in_advance() {
        assert_ne!(SystemRandomness.bytes(), SystemRandomness.bytes());
        let seeded = SeededRandomness::from_seed(3);
        assert_eq!(seeded.bytes(), SeededRandomness::from_seed(3).bytes());
        assert_ne!(seeded.bytes(), SeededRandomness::from_seed(3).bytes());
    }
}
