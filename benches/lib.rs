//! Measuring in alternation: contenders take turns in one process, and what counts is the ratio of their turns.
//!
//! A machine is faster in one minute than in the next, so a time measured alone says little. Here each round gives every
//! contender one turn, in an order that changes from round to round, and the ratio is taken within the round; the median
//! over all rounds is what is told.
//!
//! Invariant: a ratio never compares turns of different rounds.

use std::fmt;
use std::time::Instant;

/// One of those who are measured.
pub struct Contender<'a> {
    name: &'a str,
    calls: u32,
    turn: Box<dyn FnMut() + 'a>,
}

impl<'a> Contender<'a> {
    /// Names a contender; each turn makes so many of the calls that are measured.
    pub fn new(name: &'a str, calls: u32, turn: impl FnMut() + 'a) -> Self {
        Self { name, calls, turn: Box::new(turn) }
    }

    /// Nanoseconds for each call.
    fn measure(&mut self) -> f64 {
        let start = Instant::now();
        (self.turn)();
        start.elapsed().as_secs_f64() * 1e9 / f64::from(self.calls)
    }
}

impl fmt::Debug for Contender<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Contender").field("name", &self.name).field("calls", &self.calls).finish()
    }
}

/// What came out for one contender.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Its name.
    pub name: String,
    /// Nanoseconds for a call: the median over the rounds.
    pub nanoseconds: f64,
    /// How many times as long as the first contender it took: the median over the rounds.
    pub ratio: f64,
    /// The same, in the round that was best for it.
    pub lowest: f64,
    /// The same, in the round that was worst for it.
    pub highest: f64,
}

/// Gives each contender one turn in every round, after one that does not count. Ratios are to the first.
#[must_use]
pub fn alternate(rounds: usize, contenders: &mut [Contender<'_>]) -> Vec<Figures> {
    let mut measured: Vec<Vec<f64>> = contenders.iter().map(|_| Vec::with_capacity(rounds)).collect();
    for contender in contenders.iter_mut() {
        contender.measure();
    }
    for round in 0..rounds {
        let mut turns: Vec<_> = contenders.iter_mut().zip(&mut measured).collect();
        let places = turns.len().max(1);
        turns.rotate_left(round % places);
        for (contender, times) in turns {
            times.push(contender.measure());
        }
    }
    let first = measured.first().cloned().unwrap_or_default();
    let figures = contenders.iter().zip(measured).map(|(contender, times)| {
        let ratios = sorted(times.iter().zip(&first).map(|(own, first)| own / first));
        Figures {
            name: contender.name.to_owned(),
            nanoseconds: middle(&sorted(times.into_iter())),
            ratio: middle(&ratios),
            lowest: ratios.first().copied().unwrap_or(f64::NAN),
            highest: ratios.last().copied().unwrap_or(f64::NAN),
        }
    });
    figures.collect()
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn middle(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The figures as a table in Markdown.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a>(pub &'a [Figures]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "| contender | ns per call | times the first | lowest | highest |")?;
        writeln!(out, "|---|---:|---:|---:|---:|")?;
        for Figures { name, nanoseconds, ratio, lowest, highest } in self.0 {
            writeln!(out, "| {name} | {nanoseconds:.1} | {ratio:.1} | {lowest:.1} | {highest:.1} |")?;
        }
        Ok(())
    }
}
