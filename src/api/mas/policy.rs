//! The data of MAS' policy that can be changed without a restart, since MAS 0.15.

use super::{MasTime, One, at};
use crate::api::Request;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The dynamic data of the policy. It is merged over what the configuration has: objects key by key, lists are
/// appended, anything else overrides.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PolicyData {
    pub created_at: MasTime,
    pub data: Value,
}

/// `GET {mas}/api/admin/v1/policy-data/latest`; 404 if there has been none.
pub fn latest(base: &str) -> Request<One<PolicyData>> {
    Request::get(at(base, &["policy-data", "latest"]))
}

#[derive(Serialize)]
struct NewPolicyData<'a> {
    data: &'a Value,
}

/// `POST {mas}/api/admin/v1/policy-data`: replaces the data that was there.
///
/// Errors: 400 the policy cannot be built with it.
pub fn replace(base: &str, data: &Value) -> Request<One<PolicyData>> {
    Request::post(at(base, &["policy-data"])).json(&NewPolicyData { data })
}
