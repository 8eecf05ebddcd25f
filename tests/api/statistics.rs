use journeys::server::{own_server, server};
use synapse_admin::api::server::Feature;
use synapse_admin::api::{ApiError, statistics};
use xtask::postgres::Engine;
use xtask::world::database::Statement;

#[tokio::test]
async fn sizes_in_the_database_need_postgresql() {
    let maker = &server().maker;
    let found = maker.admin().run(&statistics::largest_rooms()).await;
    if !maker.capabilities().has(Feature::LargestRooms) {
        assert!(
            matches!(found, Err(ApiError::Unsupported { .. })),
            "{found:?}"
        );
    } else if Engine::from_env() == Engine::Sqlite {
        let error = found.unwrap_err();
        assert!(error.is_errcode("M_UNKNOWN"), "{error:?}");
    } else {
        let rooms = found.unwrap().rooms;
        let sizes: Vec<u64> = rooms.iter().map(|room| room.estimated_size).collect();
        assert_eq!(sizes.len(), 10);
        assert!(
            sizes.is_sorted_by(|a, b| a >= b) && sizes[9] > 0,
            "{sizes:?}"
        );
        // The one with the longest history is there.
        let long = server().world.room("history");
        assert!(rooms.iter().any(|room| room.room_id == *long), "{rooms:?}");
    }
}

#[tokio::test]
async fn servers_of_today_do_not_tell_sizes() {
    if Engine::from_env() != Engine::Postgres {
        return;
    }
    let server = own_server("young");
    // Synapse asks which rooms are most frequent in a column that it has not filled since 2022.
    let young = [
        "UPDATE event_edges SET room_id = NULL",
        "ANALYZE event_edges",
    ];
    let database = server.maker.database();
    database.run(&young.map(Statement::once)).unwrap();
    let found = server.maker.admin().run(&statistics::largest_rooms()).await;
    assert!(
        matches!(&found, Err(ApiError::Matrix { status: 500, errcode, .. }) if errcode == "M_UNKNOWN"),
        "{found:?}"
    );
}
