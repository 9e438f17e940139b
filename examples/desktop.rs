//! A CRM for one person, on one file, without a server.
//!
//! ```text
//! cargo run --example desktop -- contact "Iris Ivanova" iris@example.com
//! cargo run --example desktop -- deal "New roof" 18400 "Iris Ivanova"
//! cargo run --example desktop -- move "New roof" proposal
//! cargo run --example desktop -- board
//! ```
//!
//! Each call is a program of its own; what it wrote is in `desktop.crm.db` for the next one. `CRM_FILE` names another file.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crm_core::value::{Decimal, UserId, Uuid};
use crm_core::{Contact, CreateContact, CreateDeal, CreateOrganization, Crm, Deal, List, MoveDeal, Pipeline};
use crm_core::{Profile, Session};
use crm_store_sqlx::SqliteStore;

const HELP: &str = "contact <name> <email> | deal <title> <amount> <contact> | move <deal> <stage> | board";
/// The one person.
const ME: UserId = UserId::from_uuid(Uuid::from_u128(1));

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let file = std::env::var_os("CRM_FILE").map_or_else(|| PathBuf::from("desktop.crm.db"), PathBuf::from);
    println!("{}", run(&file, &words).await?);
    Ok(())
}

/// Carries out one call, and gives what it says.
async fn run(file: &Path, words: &[&str]) -> Result<String, Box<dyn Error>> {
    let store = Arc::new(SqliteStore::open(file).await?);
    store.migrate().await?;
    let crm = Crm::new(store.clone(), Profile::preset("general")?);
    // The first call founds the one organisation.
    let organization = match crm.organizations_of(ME).await?.first() {
        Some(seat) => seat.organization.id,
        None => crm.register(ME, CreateOrganization::new().name("My business")).await?.organization.id,
    };
    let said = carry_out(&crm.act(organization, ME), words).await;
    store.close().await;
    said
}

async fn carry_out(me: &Session<'_>, words: &[&str]) -> Result<String, Box<dyn Error>> {
    Ok(match words {
        ["contact", name, email] => {
            let contact = me.apply(CreateContact::new().name(*name).email(*email)).await?;
            format!("{} is a contact.", contact.name)
        }
        ["deal", title, amount, contact] => {
            let found = me.list(List::<Contact>::new().search(contact).first(1)).await?;
            let contact = found.items.first().ok_or_else(|| format!("no contact `{contact}`"))?;
            let deal = CreateDeal::new().title(*title).amount(amount.parse::<Decimal>()?).contact(contact.id);
            let deal = me.apply(deal).await?;
            format!("\"{}\" with {} is a deal.", deal.title, contact.name)
        }
        ["move", title, stage] => {
            let found = me.list(List::<Deal>::new().search(title).first(1)).await?;
            let deal = found.items.first().ok_or_else(|| format!("no deal `{title}`"))?;
            me.apply(MoveDeal::of(deal.id, *stage)).await?;
            format!("\"{}\" is in {stage}.", deal.title)
        }
        ["board"] => board(me).await?,
        _ => return Err(HELP.into()),
    })
}

async fn board(me: &Session<'_>) -> Result<String, Box<dyn Error>> {
    let mut lines = Vec::new();
    for pipeline in me.list(List::<Pipeline>::new()).await?.items {
        for column in me.board(pipeline.id, List::new()).await?.columns {
            let cards: Vec<String> = column.cards.iter().map(|deal| deal.title.to_string()).collect();
            let line = format!("{:<12} {:>2}  {}", column.stage.key, column.count, cards.join(", "));
            lines.push(line.trim_end().to_owned());
        }
    }
    Ok(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_one_call_wrote_is_there_for_the_next() {
        let file = std::env::temp_dir().join(format!("crm-desktop-{}.db", std::process::id()));
        let call = async |words: &[&str]| run(&file, words).await.map_err(|error| error.to_string());
        let said = call(&["contact", "Iris Ivanova", "iris@example.com"]).await;
        assert_eq!(said.unwrap(), "Iris Ivanova is a contact.");
        call(&["deal", "New roof", "18400", "ivanova"]).await.unwrap();
        let before = call(&["board"]).await.unwrap();
        assert!(before.lines().next().unwrap().ends_with("1  New roof"), "{before}");
        assert!(call(&["move", "New roof", "nowhere"]).await.is_err());
        assert_eq!(call(&["move", "New roof", "proposal"]).await.unwrap(), "\"New roof\" is in proposal.");
        let after = call(&["board"]).await.unwrap();
        let moved: Vec<&str> = after.lines().filter(|line| line.contains("New roof")).collect();
        assert_eq!(moved, ["proposal      1  New roof"], "{after}");
        assert_eq!(call(&[]).await.unwrap_err(), HELP);
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
    }
}
