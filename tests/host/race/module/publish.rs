// SPDX-License-Identifier: GPL-2.0

//! `src/publish/mod.rs`, and C does the same.

use super::super::kernel::{Idev, Kernel, Route};
use crate::explorer::Stage;

/// After the group has been listed.
pub(in crate::race) async fn publish(stage: &Stage<Kernel>, route: Route) {
    let insert = |k: &mut Kernel| k.insert(route);
    stage.step("inserts the route", insert).await;
    let join = Kernel::join_solicited_node;
    stage.step("joins the solicited-node group", join).await;
    stage.step("tells of a new group", |k| k.told += 1).await;
}

/// After the group has left the list of `idev`.
pub(in crate::race) async fn withdraw(stage: &Stage<Kernel>, idev: Idev, route: Route) {
    let leave = |k: &mut Kernel| k.leave_solicited_node(idev);
    stage.step("leaves the solicited-node group", leave).await;
    stage.step("deletes the route", |k| k.delete(route)).await;
    stage
        .step("tells of the end of a group", |k| k.told -= 1)
        .await;
}
