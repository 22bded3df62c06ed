// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.Tlp;
import dev.tip.sink.Change;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;

/** Values that documents share, encoded once. */
final class Values {
  static final SerializableString ENRICHMENT = of("enrichment");
  static final SerializableString EXTERNAL_GTE = of("external_gte");
  static final SerializableString STATE = of("state");
  static final SerializableString ACTIVE = of("active");
  static final SerializableString WITHDRAWN = of("withdrawn");

  /** JSON, as are the next two. */
  static final SerializableString ECS = of("{\"version\":\"" + EcsEncoder.ECS_VERSION + "\"}");

  static final SerializableString THREAT_ARRAY = of("[\"threat\"]");
  static final SerializableString INDICATOR_ARRAY = of("[\"indicator\"]");

  private static final SerializableString[] TYPES =
      each(CyberObservable.Type.values(), CyberObservable.Type::stixName);
  private static final SerializableString[] CONFIDENCES =
      each(Confidence.values(), Confidence::ecsValue);
  private static final SerializableString[] MARKINGS =
      each(Tlp.values(), tlp -> "{\"tlp\":\"" + tlp.ecsValue() + "\",\"tlp_version\":\"2.0\"}");
  private static final SerializableString[] REASONS =
      each(Change.Reason.values(), reason -> reason.name().toLowerCase(Locale.ROOT));

  private Values() {}

  static SerializableString of(CyberObservable.Type type) {
    return TYPES[type.ordinal()];
  }

  static SerializableString of(Confidence confidence) {
    return CONFIDENCES[confidence.ordinal()];
  }

  /** Returns the group of fields that ECS calls a marking, as JSON. */
  static SerializableString of(Tlp tlp) {
    return MARKINGS[tlp.ordinal()];
  }

  static SerializableString of(Change.Reason reason) {
    return REASONS[reason.ordinal()];
  }

  private static SerializableString of(String text) {
    return new SerializedString(text);
  }

  private static <E> SerializableString[] each(E[] constants, Function<E, String> text) {
    return Arrays.stream(constants).map(c -> of(text.apply(c))).toArray(SerializableString[]::new);
  }
}
