//! Colours that stay apart for colour-blind readers.

/// An sRGB colour without transparency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Color(pub u8, pub u8, pub u8);

impl Color {
    /// The near-black of text and of theory curves.
    pub const INK: Self = Self(0x1f, 0x23, 0x28);
    /// The grey of axes, notes and subtitles.
    pub const GREY: Self = Self(0x5f, 0x66, 0x6d);
    pub(super) const GRID: Self = Self(0xe4, 0xe6, 0xe9);
    pub(super) const WHITE: Self = Self(0xff, 0xff, 0xff);

    /// The hues of Okabe and Ito that read well as thin lines on white: blue, vermilion, bluish green, reddish
    /// purple, orange, sky blue.
    pub const OKABE_ITO: [Self; 6] = [
        Self(0x00, 0x72, 0xb2),
        Self(0xd5, 0x5e, 0x00),
        Self(0x00, 0x9e, 0x73),
        Self(0xcc, 0x79, 0xa7),
        Self(0xe6, 0x9f, 0x00),
        Self(0x56, 0xb4, 0xe9),
    ];

    /// The colour of the `index`-th run: the six hues, then the same six darker, then lighter, then again.
    ///
    /// ```
    /// use polyak::plot::Color;
    /// assert_eq!(Color::cycle(0), Color(0, 0x72, 0xb2));
    /// assert_ne!(Color::cycle(0), Color::cycle(6));
    /// assert_eq!(Color::cycle(0), Color::cycle(18));
    /// ```
    pub fn cycle(index: usize) -> Self {
        let hue = Self::OKABE_ITO[index % Self::OKABE_ITO.len()];
        match index / Self::OKABE_ITO.len() % 3 {
            0 => hue,
            1 => hue.mix(Self::INK, 45),
            _ => hue.mix(Self::WHITE, 45),
        }
    }

    /// This colour with `percent` of `other` mixed in.
    pub(super) fn mix(self, other: Self, percent: u16) -> Self {
        let percent = percent.min(100);
        let channel = |a: u8, b: u8| ((u16::from(a) * (100 - percent) + u16::from(b) * percent) / 100) as u8;
        Self(channel(self.0, other.0), channel(self.1, other.1), channel(self.2, other.2))
    }

    /// `#rrggbb`.
    pub(super) fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_eighteen_colours_differ() {
        let mut seen = std::collections::HashSet::new();
        assert!((0..18).all(|i| seen.insert(Color::cycle(i))));
    }

    #[test]
    fn mixing_goes_from_one_colour_to_the_other() {
        let blue = Color::cycle(0);
        assert_eq!(blue.mix(Color::WHITE, 0), blue);
        assert_eq!(blue.mix(Color::WHITE, 100), Color::WHITE);
        assert_eq!(blue.hex(), "#0072b2");
    }
}
