//! Price grids from files: a line for each floor, a column for each share.
//!
//! Invariant: a price is taken from the column of its share, and an empty cell is named and sets nothing.

use serde::{Deserialize, Serialize};

use crate::command::Command;
use crate::describe::{Id, Key};
use crate::draft::{Draft, Halt, ReadSet};
use crate::error::Error;
use crate::inventory::{Cell, MergePrices, MergeReport, PriceRow};
use crate::value::{ComplexId, Problem};

/// Brings a grid of prices in from a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MergePriceGrid {
    /// The complex.
    pub complex: ComplexId,
    /// The head of each column of prices: a share, `0.7` or `70%`.
    pub shares: Vec<Cell>,
    /// The lines.
    pub rows: Vec<GridRow>,
    /// Only say what would be done?
    #[serde(default)]
    pub dry_run: bool,
}

/// A line of a grid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridRow {
    /// The floor.
    pub floor: Cell,
    /// What a square metre costs, in the order of the columns.
    pub amounts: Vec<Option<Cell>>,
}

/// What became of a grid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridReport {
    /// What became of its filled cells, line by line.
    pub merged: MergeReport,
    /// Its empty cells.
    pub empty: Vec<EmptyCell>,
}

/// A cell of a grid that says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmptyCell {
    /// The floor, as it is written.
    pub floor: String,
    /// The share, as it is written.
    pub share: String,
}

impl MergePriceGrid {
    fn taken_apart(&self) -> Result<(MergePrices, Vec<EmptyCell>), Error> {
        let (mut rows, mut empty) = (Vec::new(), Vec::new());
        for line in &self.rows {
            if line.amounts.len() > self.shares.len() {
                let why = format!("as many cells as columns; floor {} has more", line.floor.text());
                return Err(Error::field("rows", Problem::malformed(why)));
            }
            let cells = line.amounts.iter().map(Option::as_ref).chain(std::iter::repeat(None));
            for (share, cell) in self.shares.iter().zip(cells) {
                match cell.filter(|cell| !cell.is_blank()) {
                    Some(amount) => rows.push(PriceRow {
                        floor: line.floor.clone(),
                        share: share.clone(),
                        amount: amount.clone(),
                    }),
                    None => empty.push(EmptyCell { floor: line.floor.text(), share: share.text() }),
                }
            }
        }
        Ok((MergePrices { complex: self.complex, rows, dry_run: self.dry_run }, empty))
    }
}

impl Command for MergePriceGrid {
    type Output = GridReport;

    fn name(&self) -> &'static str {
        "merge_price_grid"
    }

    fn target(&self) -> Option<Key> {
        Some(self.complex.key())
    }

    fn hints(&self) -> ReadSet {
        self.taken_apart().map_or_else(|_| self.complex.key().into(), |(prices, _)| prices.hints())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<GridReport, Halt> {
        let (prices, empty) = self.taken_apart()?;
        Ok(GridReport { merged: prices.decide(tx)?, empty })
    }
}
