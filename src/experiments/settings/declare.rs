//! The one form in which settings are declared. It makes the group's struct with its defaults, and of each field a static
//! [`super::Setting`] under the field's name, whose help is the field's doc.

/// `name [as key]: Type = default, "Label", Kind[(limits)][, property[(arguments)]]…;`, where a property is a method of
/// [`super::Setting`].
macro_rules! settings {
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:ident) => { stringify!($key) };
    (
        $(#[$about:meta])*
        $Group:ident in $group:ident {
            $(
                $(#[doc = $help:literal])+
                $field:ident $(as $key:ident)?: $Type:ty = $default:expr,
                $label:literal, $kind:ident $(($($limit:expr),*))?
                $(, $property:ident $(($($argument:expr),*))?)*;
            )+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $Group {
            $($(#[doc = $help])+ pub $field: $Type,)+
        }

        impl Default for $Group {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $Group {
            /// Its settings, in the order of their declaration.
            pub const SETTINGS: &'static [&'static $crate::experiments::settings::Setting] = &[$(&$field),+];
        }

        $(
            $(#[doc = $help])+
            #[allow(non_upper_case_globals, reason = "it is called as its field is")]
            pub static $field: $crate::experiments::settings::Setting = $crate::experiments::settings::Setting::new(
                settings!(@key $field $($key)?),
                $label,
                concat!($($help),+).trim_ascii_start(),
                $crate::experiments::settings::Kind::$kind $(($($limit),*))?,
                $crate::experiments::settings::Field {
                    get: |recipe| serde_json::json!(recipe.$group.$field),
                    set: |recipe, value| {
                        recipe.$group.$field = serde_json::from_value(value)?;
                        Ok(())
                    },
                    same: |a, b| a.$group.$field == b.$group.$field,
                    copy: |to, from| to.$group.$field.clone_from(&from.$group.$field),
                },
            )
            $(.$property($($($argument),*)?))*;
        )+
    };
}
