// SPDX-License-Identifier: GPL-2.0

//! What the module does otherwise than built-in C.

/// Each rule holds with the module, and does not with C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// `::` and IPv4-mapped addresses cannot be joined.
    pub unsuitable: bool,
    /// A tentative address cannot be joined either.
    pub tentative: bool,
    /// There are admission policies.
    pub policies: bool,
    /// There is a limit of the groups of a namespace.
    pub limit: bool,
    /// Groups wait for their device, unseen, and return with it.
    pub waiting: bool,
    /// A membership is one of a device, not of an index.
    pub identity: bool,
    /// Only addresses that took a subnet-router anycast give it back.
    pub counted: bool,
    /// A group does not become a unicast address.
    pub apart: bool,
    /// Sockets may bind to groups.
    pub bind: bool,
    /// Who holds a group may have the host not answer for it.
    pub control: bool,
}

impl Rules {
    pub const MODULE: Self = Self {
        unsuitable: true,
        tentative: true,
        policies: true,
        limit: true,
        waiting: true,
        identity: true,
        counted: true,
        apart: true,
        bind: true,
        control: true,
    };

    pub const BUILTIN_C: Self = Self {
        unsuitable: false,
        tentative: false,
        policies: false,
        limit: false,
        waiting: false,
        identity: false,
        counted: false,
        apart: false,
        bind: false,
        control: false,
    };

    pub const NAMES: [&'static str; 10] = [
        "unsuitable",
        "tentative",
        "policies",
        "limit",
        "waiting",
        "identity",
        "counted",
        "apart",
        "bind",
        "control",
    ];

    /// Inverts the rule of that name.
    pub fn invert(&mut self, name: &str) -> Result<(), String> {
        let rule = match name {
            "unsuitable" => &mut self.unsuitable,
            "tentative" => &mut self.tentative,
            "policies" => &mut self.policies,
            "limit" => &mut self.limit,
            "waiting" => &mut self.waiting,
            "identity" => &mut self.identity,
            "counted" => &mut self.counted,
            "apart" => &mut self.apart,
            "bind" => &mut self.bind,
            "control" => &mut self.control,
            _ => return Err(format!("no rule is called {name}")),
        };
        *rule = !*rule;
        Ok(())
    }
}
