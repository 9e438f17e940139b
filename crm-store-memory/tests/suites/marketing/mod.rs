//! Campaigns, costs and days at work, and the figures of leads and marketing: their rules one by one, every figure once by
//! hand, and every figure against plain loops over random worlds.

mod attendance;
mod campaigns;
mod figures;
mod house;
mod ledger;
mod random;
