//! The real-estate part of the engine: what units cost and how they are paid, the chessboard, price grids from files.
//!
//! It is behind the feature `real-estate` and holds logic only. The tables that it reads are always there, so switching it
//! on needs no migration.
//!
//! Invariant: every figure is an exact decimal, rounded where that is said, and a price that is not there is named, never 0.

mod chessboard;
mod grid;
mod quotation;

pub use self::chessboard::{Block, Chessboard, Floor, PriceCell, Square};
pub(crate) use self::chessboard::{Pieces, arrange};
pub use self::grid::{EmptyCell, GridReport, GridRow, MergePriceGrid};
pub use self::quotation::{
    Basis, MissingPrice, Mortgage, PlanKind, PlanQuote, Quotation, act_fee, annuity, months_left, quote,
    shares, total,
};
