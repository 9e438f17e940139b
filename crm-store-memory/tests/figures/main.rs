//! Every metric once by hand: a small world, and figures that a person worked out with pencil and paper; and the numbers
//! that other systems get wrong, one test for each.

#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod edges;
mod house;
mod metrics;
mod wrong_numbers;
