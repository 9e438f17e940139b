//! The chessboard of a complex: its units by block and floor, how they stand, and what they cost.
//!
//! Invariant: units, prices and holds are from one state, and how a unit stands is judged at the time of asking; the
//! published form says nothing of persons.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::inventory::{Complex, Hold, Price, Unit, UnitState, canonical_label};
use crate::value::{Decimal, Instant, UnitId, Word};

/// The units of a complex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chessboard {
    /// The complex.
    pub complex: Arc<Complex>,
    /// When it was so.
    pub at: Instant,
    /// The blocks, in the order of their labels.
    pub blocks: Vec<Block>,
    /// The prices, by floor and share.
    pub prices: Vec<PriceCell>,
}

/// A block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Its label, as it is written first.
    pub label: String,
    /// Its floors, the highest first.
    pub floors: Vec<Floor>,
}

/// A floor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floor {
    /// Which one.
    pub floor: i64,
    /// Its units, in the order of their numbers.
    pub units: Vec<Square>,
}

/// A unit on the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Square {
    /// The unit.
    pub id: UnitId,
    /// Its number.
    pub number: String,
    /// What it is.
    pub category: Option<Word>,
    /// How many rooms.
    pub rooms: Option<i64>,
    /// How large.
    pub area: Option<Decimal>,
    /// How it stands.
    pub state: UnitState,
    /// Until when it is held; not published.
    pub held_until: Option<Instant>,
    /// Who holds it, for whom, for those who may see that; not published.
    pub hold: Option<Arc<Hold>>,
}

/// A price on the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceCell {
    /// The floor.
    pub floor: i64,
    /// The share that is paid at once.
    pub share: Decimal,
    /// What a square metre costs.
    pub amount: Decimal,
}

impl Chessboard {
    /// The form that everybody may see and keep.
    #[must_use]
    pub fn published(mut self) -> Self {
        for floor in self.blocks.iter_mut().flat_map(|block| &mut block.floors) {
            for square in &mut floor.units {
                square.held_until = None;
                square.hold = None;
            }
        }
        self
    }

    /// How many units stand so.
    #[must_use]
    pub fn count(&self, state: UnitState) -> usize {
        let squares = self.blocks.iter().flat_map(|block| &block.floors).flat_map(|floor| &floor.units);
        squares.filter(|square| square.state == state).count()
    }
}

/// What a board is made of.
pub(crate) struct Pieces {
    pub(crate) complex: Arc<Complex>,
    pub(crate) units: Vec<Arc<Unit>>,
    pub(crate) prices: Vec<Arc<Price>>,
    pub(crate) holds: Vec<Arc<Hold>>,
}

/// Arranges the pieces.
pub(crate) fn arrange(pieces: Pieces, at: Instant) -> Chessboard {
    let Pieces { complex, units, prices, holds } = pieces;
    let holds: BTreeMap<_, _> =
        holds.into_iter().filter(|hold| hold.is_live(at)).map(|hold| (hold.unit, hold)).collect();
    let mut blocks: BTreeMap<String, (String, BTreeMap<i64, Vec<Square>>)> = BTreeMap::new();
    for unit in &units {
        let label = unit.block.to_string();
        let (_, floors) =
            blocks.entry(natural(&canonical_label(&label))).or_insert_with(|| (label, BTreeMap::new()));
        floors.entry(unit.floor).or_default().push(square(unit, holds.get(&unit.id), at));
    }
    let blocks = blocks.into_values().map(|(label, floors)| Block {
        label,
        floors: floors.into_iter().rev().map(|(floor, units)| in_order(floor, units)).collect(),
    });
    let mut prices: Vec<_> = prices.iter().map(|price| cell(price)).collect();
    prices.sort_by(|one, other| (one.floor, other.share).cmp(&(other.floor, one.share)));
    Chessboard { complex, at, blocks: blocks.collect(), prices }
}

fn in_order(floor: i64, mut units: Vec<Square>) -> Floor {
    units.sort_by_cached_key(|square| (natural(&canonical_label(&square.number)), square.id));
    Floor { floor, units }
}

fn square(unit: &Unit, hold: Option<&Arc<Hold>>, at: Instant) -> Square {
    let state = unit.state(at);
    let held = state == UnitState::Held;
    Square {
        id: unit.id,
        number: unit.number.to_string(),
        category: unit.category.clone(),
        rooms: unit.rooms,
        area: unit.area,
        state,
        held_until: unit.held_until.filter(|_| held),
        hold: hold.filter(|_| held).cloned(),
    }
}

fn cell(price: &Price) -> PriceCell {
    PriceCell { floor: price.floor, share: price.share, amount: price.amount }
}

/// A form in which 2 stands before 10.
fn natural(label: &str) -> String {
    let mut form = String::with_capacity(label.len() + 16);
    let mut digits = String::new();
    for char in label.chars() {
        if char.is_ascii_digit() {
            digits.push(char);
            continue;
        }
        push_number(&mut form, &mut digits);
        form.push(char);
    }
    push_number(&mut form, &mut digits);
    form
}

fn push_number(form: &mut String, digits: &mut String) {
    if !digits.is_empty() {
        form.push_str(&format!("{digits:0>20}"));
        digits.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::natural;

    #[test]
    fn numbers_stand_in_the_order_of_their_values() {
        let mut labels = ["10", "9", "a10", "a9", "100", "b1", "1a"];
        labels.sort_by_key(|label| natural(label));
        assert_eq!(labels, ["1a", "9", "10", "100", "a9", "a10", "b1"]);
    }
}
