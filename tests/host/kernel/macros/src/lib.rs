// SPDX-License-Identifier: GPL-2.0

//! Attributes of the kernel crate that only a procedural macro can be.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Nothing is pinned on the host: takes the `#[pin]` off the fields.
#[proc_macro_attribute]
pub fn pin_data(_: TokenStream, item: TokenStream) -> TokenStream {
    item.into_iter().map(without_pin).collect()
}

fn without_pin(token: TokenTree) -> TokenTree {
    let TokenTree::Group(group) = token else {
        return token;
    };
    if group.delimiter() != Delimiter::Brace {
        return group.into();
    }
    let mut fields = Vec::new();
    for token in group.stream() {
        let is_pin = matches!(&token, TokenTree::Group(attribute)
            if attribute.delimiter() == Delimiter::Bracket && attribute.to_string() == "[pin]");
        match is_pin {
            // The sign before it goes, too.
            true => drop(fields.pop()),
            false => fields.push(token),
        }
    }
    Group::new(Delimiter::Brace, fields.into_iter().collect()).into()
}
