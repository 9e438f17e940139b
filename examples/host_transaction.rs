//! A shop with tables of its own, whose orders win deals: what the shop writes and what the CRM writes is one transaction.
//!
//! ```text
//! cargo run --example host_transaction -- postgres://localhost/shop
//! curl -i localhost:3000/organizations/<id>/orders -H 'x-user: <id>' --json '{"deal": "<id>", "item": "ladder"}'
//! ```
//!
//! If the CRM refuses (no such deal, not the user's to win), or the shop does (nothing left), neither keeps anything.

use std::error::Error as StdError;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use crm_core::value::{DealId, OrganizationId, UserId};
use crm_core::{Class, Crm, Deal, Profile, WinDeal};
use crm_store_sqlx::{PgSession, PgStore};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::net::TcpListener;

const USAGE: &str = "say where the database is: host_transaction postgres://user@host/database";

#[derive(Clone)]
struct Shop {
    pool: PgPool,
    crm: Crm,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let shop = Shop::open(&std::env::args().nth(1).ok_or(USAGE)?).await?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(axum::serve(listener, shop.routes()).await?)
}

impl Shop {
    async fn open(address: &str) -> Result<Self, Box<dyn StdError>> {
        // One pool for both. A test before each use would cost a round trip.
        let pool = PgPoolOptions::new().test_before_acquire(false).connect(address).await?;
        let store = PgStore::new(pool.clone());
        store.migrate().await?;
        let tables = "CREATE TABLE IF NOT EXISTS stock (item text PRIMARY KEY, pieces bigint NOT NULL);
            CREATE TABLE IF NOT EXISTS purchase (deal uuid PRIMARY KEY, item text NOT NULL);
            INSERT INTO stock VALUES ('ladder', 1) ON CONFLICT DO NOTHING";
        sqlx::raw_sql(tables).execute(&pool).await?;
        Ok(Self { pool, crm: Crm::new(Arc::new(store), Profile::preset("general")?) })
    }

    fn routes(self) -> Router {
        Router::new().route("/organizations/{organization}/orders", post(order)).with_state(self)
    }
}

#[derive(serde::Deserialize)]
struct Order {
    deal: DealId,
    item: String,
}

async fn order(
    State(shop): State<Shop>,
    Path(organization): Path<OrganizationId>,
    headers: HeaderMap,
    Json(order): Json<Order>,
) -> Result<(StatusCode, Json<Deal>), Refusal> {
    let user = user(&headers)?;
    // Dropped before its end, by any of the question marks below, the transaction is rolled back.
    let mut transaction = shop.pool.begin().await?;
    let purchase = sqlx::query("INSERT INTO purchase VALUES ($1, $2) ON CONFLICT DO NOTHING");
    let purchase = purchase.bind(order.deal.uuid()).bind(&order.item);
    if purchase.execute(&mut *transaction).await?.rows_affected() == 0 {
        return Err(Refusal::Ordered);
    }
    let deal = {
        let store = PgSession::new(&mut transaction);
        shop.crm.act_on(&store, organization, user).apply(WinDeal::of(order.deal)).await?
    };
    let taken = sqlx::query("UPDATE stock SET pieces = pieces - 1 WHERE item = $1 AND pieces > 0");
    if taken.bind(&order.item).execute(&mut *transaction).await?.rows_affected() == 0 {
        return Err(Refusal::SoldOut);
    }
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(Deal::clone(&deal))))
}

/// Stands for the authentication of the host.
fn user(headers: &HeaderMap) -> Result<UserId, Refusal> {
    let text = headers.get("x-user").and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok()).ok_or(Refusal::Nobody)
}

/// Everything that can go wrong with an order.
enum Refusal {
    Nobody,
    Ordered,
    SoldOut,
    Crm(crm_core::Error),
    Database(sqlx::Error),
}

impl From<crm_core::Error> for Refusal {
    fn from(error: crm_core::Error) -> Self {
        Self::Crm(error)
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code, message) = match self {
            Self::Nobody => (StatusCode::UNAUTHORIZED, "nobody", "say who you are in `x-user`".to_owned()),
            Self::Ordered => (StatusCode::CONFLICT, "ordered", "the deal is ordered already".to_owned()),
            Self::SoldOut => (StatusCode::CONFLICT, "sold_out", "there is nothing left".to_owned()),
            Self::Crm(error) => (status(error.class()), error.code(), error.to_string()),
            Self::Database(error) => {
                eprintln!("database: {error}");
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "try again".to_owned())
            }
        };
        (status, Json(serde_json::json!({ "code": code, "message": message }))).into_response()
    }
}

/// What a class of errors of the CRM is in HTTP.
fn status(class: Class) -> StatusCode {
    match class {
        Class::Invalid | Class::Rule => StatusCode::UNPROCESSABLE_ENTITY,
        Class::Forbidden => StatusCode::FORBIDDEN,
        Class::NotFound => StatusCode::NOT_FOUND,
        Class::Conflict => StatusCode::CONFLICT,
        Class::Limit => StatusCode::TOO_MANY_REQUESTS,
        Class::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Class::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use crm_core::value::Uuid;
    use crm_core::{AddMember, CreateContact, CreateDeal, CreateOrganization, LoseDeal};
    use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xADA));
    const BEN: UserId = UserId::from_uuid(Uuid::from_u128(0xBE));

    /// A database of its own on the server of the tests: its address, and the server's.
    async fn database() -> (String, String) {
        let server = std::env::var("CRM_TEST_POSTGRES_URL")
            .expect("CRM_TEST_POSTGRES_URL is not set: run `cargo xtask test`, or `cargo xtask postgres -- cargo test ..`");
        let name = format!("shop_{}", std::process::id());
        on(&server, format!("CREATE DATABASE {name}")).await;
        let (start, query) = server.split_once('?').map_or((&*server, ""), |(start, query)| (start, query));
        let (start, _) = start.rsplit_once('/').expect("the name of a database");
        (format!("{start}/{name}?{query}"), server)
    }

    async fn on(server: &str, text: String) {
        let mut connection = PgConnection::connect(server).await.unwrap();
        connection.execute(sqlx::raw_sql(AssertSqlSafe(text))).await.unwrap();
    }

    /// One request over a connection of its own, and the status of its answer with the body.
    async fn post(to: &str, path: &str, user: Option<UserId>, body: &str) -> (u16, serde_json::Value) {
        let user = user.map(|user| format!("x-user: {user}\r\n")).unwrap_or_default();
        let mut stream = TcpStream::connect(to).await.unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\ncontent-type: application/json\r\n{user}\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    #[tokio::test]
    async fn the_shop_and_the_crm_keep_both_or_nothing() {
        let (address, server) = database().await;
        let shop = Shop::open(&address).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = listener.local_addr().unwrap().to_string();
        let serving = tokio::spawn(axum::serve(listener, shop.clone().routes()).into_future());

        let founded = shop.crm.register(ADA, CreateOrganization::new().name("Shop")).await.unwrap();
        let ada = shop.crm.act(founded.organization.id, ADA);
        ada.apply(AddMember::with_id(BEN).role("viewer")).await.unwrap();
        let iris = ada.apply(CreateContact::new().name("Iris")).await.unwrap();
        let mut deals = Vec::new();
        for title in ["First", "Second"] {
            let deal = CreateDeal::new().title(title).contact(iris.id).amount(100);
            deals.push(ada.apply(deal).await.unwrap().id);
        }
        let path = format!("/organizations/{}/orders", founded.organization.id);
        let order = async |user: Option<UserId>, deal: DealId, item: &str| {
            let (status, body) =
                post(&to, &path, user, &format!(r#"{{"deal": "{deal}", "item": "{item}"}}"#)).await;
            (status, body["code"].as_str().unwrap_or_default().to_owned())
        };
        // What is there: how many purchases, how many ladders, and the status of both deals.
        let state = async || {
            let text = "SELECT (SELECT count(*) FROM purchase), (SELECT pieces FROM stock)";
            let (purchases, pieces): (i64, i64) = sqlx::query_as(text).fetch_one(&shop.pool).await.unwrap();
            let mut won = Vec::new();
            for deal in &deals {
                won.push(ada.get(*deal).await.unwrap().status == "won");
            }
            (purchases, pieces, won)
        };
        let before = (0, 1, vec![false, false]);

        // The CRM refuses, each time with the status of its class: the purchase goes too.
        assert_eq!(order(Some(BEN), deals[0], "ladder").await, (403, "forbidden".to_owned()));
        let nothing = DealId::from_uuid(Uuid::from_u128(7));
        assert_eq!(order(Some(ADA), nothing, "ladder").await, (404, "not_found".to_owned()));
        assert_eq!(order(None, deals[0], "ladder").await, (401, "nobody".to_owned()));
        assert_eq!(state().await, before);
        // The shop refuses: the deal is not won either.
        assert_eq!(order(Some(ADA), deals[0], "piano").await, (409, "sold_out".to_owned()));
        assert_eq!(state().await, before);
        // Both agree, and then there is nothing left.
        assert_eq!(order(Some(ADA), deals[0], "ladder").await.0, 201);
        assert_eq!(order(Some(ADA), deals[0], "ladder").await, (409, "ordered".to_owned()));
        assert_eq!(order(Some(ADA), deals[1], "ladder").await, (409, "sold_out".to_owned()));
        assert_eq!(state().await, (1, 0, vec![true, false]));
        // A rule of the CRM: what is lost is not won.
        ada.apply(LoseDeal::of(deals[1]).reason("too dear")).await.unwrap();
        assert_eq!(order(Some(ADA), deals[1], "ladder").await, (422, "invalid_transition".to_owned()));
        assert_eq!(state().await, (1, 0, vec![true, false]));

        serving.abort();
        shop.pool.close().await;
        on(&server, format!("DROP DATABASE shop_{} WITH (FORCE)", std::process::id())).await;
    }
}
