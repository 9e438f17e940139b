//! A whole story on an embedded store: an organisation, its people, contacts, deals that move, a refused move with its
//! explanation, a plan that was not applied, tasks and a timeline.
//!
//! Run it with `cargo run --example quickstart`. It keeps its world in `quickstart.crm.db`, a SQLite file; run it again and
//! the data is there. After `--` it takes another file, `--memory` for a world that goes away, or the address of a
//! PostgreSQL database (`postgres://...`).

use std::error::Error as StdError;
use std::sync::Arc;

use crm_core::access::{Action, Actor};
use crm_core::clock::ManualClock;
use crm_core::seed::SeededIds;
use crm_core::store::Store;
use crm_core::value::{OrganizationId, UserId, Uuid};
use crm_core::{
    AddActivity, AddMember, Board, CompleteTask, CreateContact, CreateDeal, CreateOrganization, CreateTask,
    Crm, Deal, List, LoseDeal, MoveDeal, Profile, Task, UpdateDeal, WinDeal,
};
use crm_store_memory::MemoryStore;
use crm_store_sqlx::{PgStore, SqliteStore};

type Outcome = Result<(), Box<dyn StdError>>;

const FILE: &str = "quickstart.crm.db";

#[tokio::main]
async fn main() -> Outcome {
    let place = std::env::args().nth(1).unwrap_or_else(|| FILE.to_owned());
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse()?));
    let crm = Crm::new(open(&place).await?, Profile::preset("general")?)
        .with_clock(clock.clone())
        .with_ids(Arc::new(SeededIds::from_seed(1)));
    let seats = crm.organizations_of(user(ADA)).await?;
    match seats.first() {
        None => story(&crm, &clock).await?,
        Some(seat) => again(&crm, seat.organization.id).await?,
    }
    println!("\nKept in {place}.");
    Ok(())
}

/// The store is the only thing that knows where the data is.
async fn open(place: &str) -> Result<Arc<dyn Store>, Box<dyn StdError>> {
    if place == "--memory" {
        return Ok(Arc::new(MemoryStore::new()));
    }
    if place.starts_with("postgres://") || place.starts_with("postgresql://") {
        let store = PgStore::connect(place).await?;
        store.migrate().await?;
        return Ok(Arc::new(store));
    }
    let store = SqliteStore::open(place).await?;
    store.migrate().await?;
    Ok(Arc::new(store))
}

const ADA: u128 = 0xA;

/// In a real host the users are its own; the engine only wants their ids.
fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

/// The second time: what was written is still there.
async fn again(crm: &Crm, organization: OrganizationId) -> Outcome {
    let ada = crm.act(organization, user(ADA));
    chapter("Welcome back");
    let deals = ada.list(List::<Deal>::new().order_by("title", false)).await?;
    for deal in &deals.items {
        say(&format!("\"{}\" is {}, version {}.", deal.title, deal.status, deal.version));
        for entry in ada.timeline(deal.id, List::new()).await?.items {
            let title = entry.title.as_ref().map_or("", |title| title.as_str());
            say(&format!("   {}  {:<15} {title}", entry.occurred_at, entry.kind));
        }
    }
    Ok(())
}

async fn story(crm: &Crm, clock: &ManualClock) -> Outcome {
    let (ada, ben, cleo) = (user(ADA), user(0xB), user(0xC));

    chapter("An organisation and its people");
    let founded = crm
        .register(ada, CreateOrganization::new().name("Archer & Sons Roofing").time_zone("Europe/Vienna"))
        .await?;
    let organization = founded.organization.id;
    say(&format!("Ada founds \"{}\" and is its {}.", founded.organization.name, founded.membership.role));
    let (as_ada, as_ben) = (crm.act(organization, ada), crm.act(organization, ben));
    as_ada.apply(AddMember::with_id(ben).role("member")).await?;
    as_ada.apply(AddMember::with_id(cleo).role("viewer")).await?;
    say("She adds Ben as a member and Cleo as a viewer.");
    let stages: Vec<_> =
        founded.pipelines.iter().flat_map(|pipeline| pipeline.keys()).map(ToString::to_string).collect();
    say(&format!("A pipeline came with the profile: {}.", stages.join(" > ")));

    chapter("Contacts");
    let brick = as_ben.apply(CreateContact::new().kind("company").name("Brick & Mortar Ltd")).await?;
    let iris = as_ben
        .apply(CreateContact::new().name("Iris Ivanova").email("iris@example.com").employer(brick.id))
        .await?;
    say(&format!("Ben knows {} at {}.", iris.name, brick.name));
    let found = as_ada.list(List::<crm_core::Contact>::new().search("IVANOVA")).await?;
    say(&format!("A search for \"IVANOVA\" finds {} contact.", found.items.len()));

    chapter("A deal on its way");
    let roof = as_ben.apply(CreateDeal::new().title("New roof").contact(iris.id)).await?;
    say(&format!("\"{}\" starts in stage {}.", roof.title, word(roof.stage.as_ref())));
    let refused = as_ben.apply(MoveDeal::of(roof.id, "proposal")).await;
    tell_refusal("Ben moves it to \"proposal\"", &refused);
    as_ben.apply(UpdateDeal::of(roof.id).amount(18_400).stage("proposal")).await?;
    say("With an amount, in the same command, it moves: one patch is judged as a whole.");

    chapter("Who may do what, and why not");
    let garage = as_ada.apply(CreateDeal::new().title("Garage door").amount(2_150).contact(brick.id)).await?;
    let refused = as_ben.apply(WinDeal::of(garage.id)).await;
    tell_refusal("Ben wins Ada's deal", &refused);
    let why = as_ben.explain(Action::DealTransition, garage.id).await?;
    say(&format!("The engine explains: {why}."));

    chapter("A plan that is not applied");
    let plan = as_ada.plan(&LoseDeal::of(garage.id).reason("too dear")).await?;
    say("If Ada lost the deal, this would be written:");
    for entry in plan.changes() {
        for change in entry.fields.iter().filter(|change| change.field != "updated_at") {
            say(&format!("   {}.{change}", entry.subject.kind));
        }
    }
    let garage = as_ada.get(garage.id).await?;
    say(&format!("She does not. The deal is still {}.", garage.status));

    chapter("Tasks");
    let call = as_ben
        .apply(
            CreateTask::new()
                .title("Call Iris")
                .deal(roof.id)
                .due_date("2026-03-03".parse::<crm_core::value::Date>()?),
        )
        .await?;
    clock.advance_days(2);
    let overdue = as_ben.list(List::<Task>::new().overdue()).await?;
    say(&format!("Two days later {} task is overdue: \"{}\".", overdue.items.len(), call.title));
    as_ben.apply(CompleteTask::of(call.id)).await?;
    as_ben
        .apply(AddActivity::new().kind("call").deal(roof.id).title("Iris agrees").body("Start in April."))
        .await?;
    say("Ben calls, finishes the task and writes the call down.");

    chapter("Won");
    let robot = Actor::Agent { name: "calendar-bot".parse()?, on_behalf_of: ben };
    let won =
        crm.act(organization, robot).apply(WinDeal::of(roof.id)).if_version(2).with_key("webhook-17").await?;
    say(&format!(
        "An agent wins the deal for Ben: status {}, stage {}.",
        won.status,
        word(won.stage.as_ref())
    ));
    for pipeline in &founded.pipelines {
        print_board(&as_ada.board(pipeline.id, List::<Deal>::new()).await?);
    }

    chapter("The timeline of the roof, newest first");
    for entry in as_ada.timeline(roof.id, List::new()).await?.items {
        let title = entry.title.as_ref().map_or("", |title| title.as_str());
        say(&format!("{}  {:<15} {title}", entry.occurred_at, entry.kind));
    }

    chapter("And nothing is forgotten");
    for entry in as_ada.history(roof.id).await? {
        let fields: Vec<_> = entry
            .fields
            .iter()
            .map(|change| change.field.as_str())
            .filter(|name| *name != "updated_at")
            .collect();
        say(&format!("version {}: {} by {} ({})", entry.version, entry.cause, entry.actor, fields.len()));
    }
    let then = as_ada.as_of(roof.id, "2026-03-02T12:00:00Z".parse()?).await?;
    say(&format!(
        "On 2 March the deal was in stage {}.",
        word(then.and_then(|deal| deal.stage.clone()).as_ref())
    ));
    Ok(())
}

fn chapter(title: &str) {
    println!("\n{title}\n{}", "-".repeat(title.chars().count()));
}

fn say(line: &str) {
    println!("  {line}");
}

fn word(word: Option<&crm_core::value::Word>) -> String {
    word.map_or_else(|| "(none)".to_owned(), ToString::to_string)
}

fn tell_refusal<T>(what: &str, outcome: &Result<T, crm_core::Error>) {
    match outcome {
        Ok(_) => say(&format!("{what}.")),
        Err(error) => say(&format!("{what}: refused [{}], {error}.", error.code())),
    }
}

fn print_board(board: &Board) {
    for column in &board.columns {
        let totals: Vec<_> = column.totals.iter().map(ToString::to_string).collect();
        let cards: Vec<_> = column.cards.iter().map(|deal| deal.title.to_string()).collect();
        say(&format!(
            "{:<12} {:>2}  {:<14} {}",
            column.stage.key,
            column.count,
            totals.join(", "),
            cards.join(", ")
        ));
    }
}
