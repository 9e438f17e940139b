//! How money flows to lines.
//!
//! Invariant: no line gets more than is outstanding on it, nothing gives more than it has, and nothing is left on one side
//! while something is open on the other.

use crate::value::Decimal;

/// What of a source goes to a line, each by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Portion {
    pub(super) source: usize,
    pub(super) line: usize,
    pub(super) amount: Decimal,
}

/// The first money pays the first line, until either is used up. Amounts have the profile's number of decimals, of which a
/// decimal holds every difference.
pub(super) fn flow(sources: &[Decimal], lines: &[Decimal]) -> Vec<Portion> {
    let mut portions = Vec::new();
    let mut open = lines.iter().copied().enumerate().filter(|(_, amount)| *amount > Decimal::ZERO);
    let mut now = open.next();
    for (source, amount) in sources.iter().enumerate() {
        let mut left = *amount;
        while let Some((line, outstanding)) = now.filter(|_| left > Decimal::ZERO) {
            let amount = left.min(outstanding);
            portions.push(Portion { source, line, amount });
            left = left.checked_sub(amount).unwrap_or_default();
            let rest = outstanding.checked_sub(amount).unwrap_or_default();
            now = if rest > Decimal::ZERO { Some((line, rest)) } else { open.next() };
        }
    }
    portions
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cents(amounts: &[i64]) -> Vec<Decimal> {
        amounts.iter().map(|amount| Decimal::new(*amount, 2)).collect()
    }

    #[test]
    fn lines_are_paid_in_order() {
        let told: Vec<_> = flow(&cents(&[150, 0, 70]), &cents(&[100, 0, 100, 100]))
            .iter()
            .map(|portion| (portion.source, portion.line, portion.amount.to_string()))
            .collect();
        let wanted = [(0, 0, "1.00"), (0, 2, "0.50"), (2, 2, "0.50"), (2, 3, "0.20")];
        assert_eq!(told, wanted.map(|(source, line, amount)| (source, line, amount.to_owned())));
    }

    proptest! {
        #[test]
        fn all_flows_that_can(sources in prop::collection::vec(0_i64..1_000, 0..8), lines in prop::collection::vec(0_i64..1_000, 0..8)) {
            let portions = flow(&cents(&sources), &cents(&lines));
            let of = |one: &dyn Fn(&Portion) -> bool| portions.iter().filter(|each| one(each)).map(|each| each.amount).sum::<Decimal>();
            for (at, amount) in cents(&sources).iter().enumerate() {
                prop_assert!(of(&|each| each.source == at) <= *amount);
            }
            for (at, amount) in cents(&lines).iter().enumerate() {
                prop_assert!(of(&|each| each.line == at) <= *amount);
            }
            let most = sources.iter().sum::<i64>().min(lines.iter().sum());
            prop_assert_eq!(of(&|_| true), Decimal::new(most, 2));
            prop_assert!(portions.iter().all(|each| each.amount > Decimal::ZERO));
            prop_assert!(portions.windows(2).all(|pair| (pair[0].source, pair[0].line) < (pair[1].source, pair[1].line)));
        }
    }
}
