// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.Tlp;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The markings of one document: what may be passed on.
 *
 * <p>A marking that is referred to and not in the document is taken for {@code AMBER+STRICT}: it
 * may say anything. Markings about something else than TLP, such as copyright, say nothing here.
 */
final class StixMarkings {
  /** The objects that the specifications define once for all, so that nobody need repeat them. */
  private static final Map<String, Tlp> DEFINED =
      Map.of(
          "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp.CLEAR,
          "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp.GREEN,
          "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", Tlp.AMBER,
          "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp.RED,
          "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", Tlp.CLEAR,
          "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", Tlp.GREEN,
          "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", Tlp.AMBER,
          "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", Tlp.AMBER_STRICT,
          "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", Tlp.RED);

  private static final int MAX_DEFINITIONS = 10_000;

  /** The markings of the document; one that is not about TLP has none. */
  private final Map<String, Marking> definitions = new HashMap<>();

  private record Marking(@Nullable Tlp tlp) {}

  /** Returns the level of a name such as {@code tlp:amber+strict} or {@code white}, or null. */
  static @Nullable Tlp tlp(String name) {
    String level = name.toUpperCase(Locale.ROOT).strip();
    return switch (level.startsWith("TLP:") ? level.substring(4).strip() : level) {
      case "WHITE", "CLEAR" -> Tlp.CLEAR;
      case "GREEN" -> Tlp.GREEN;
      case "AMBER" -> Tlp.AMBER;
      case "AMBER+STRICT" -> Tlp.AMBER_STRICT;
      case "RED" -> Tlp.RED;
      default -> null;
    };
  }

  /** Returns the level of a tag with the prefix {@code tlp:}, or null if it is another tag. */
  static @Nullable Tlp tlpTag(String tag) {
    return tag.regionMatches(true, 0, "tlp:", 0, 4) ? tlp(tag) : null;
  }

  void define(String id, @Nullable Tlp tlp) {
    if (definitions.size() < MAX_DEFINITIONS) {
      definitions.put(id, new Marking(tlp));
    }
  }

  boolean isKnown(String id) {
    return DEFINED.containsKey(id) || definitions.containsKey(id);
  }

  /** Returns the strictest level of some markings, or null if none of them has one. */
  @Nullable Tlp strictest(Iterable<String> ids) {
    Tlp strictest = null;
    for (String id : ids) {
      Tlp tlp = DEFINED.get(id);
      if (tlp == null) {
        Marking marking = definitions.get(id);
        tlp = marking == null ? Tlp.AMBER_STRICT : marking.tlp();
      }
      if (tlp != null && (strictest == null || tlp.compareTo(strictest) > 0)) {
        strictest = tlp;
      }
    }
    return strictest;
  }
}
