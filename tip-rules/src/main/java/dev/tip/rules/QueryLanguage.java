// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

/** The language of the queries of an indicator match rule; Kibana knows no others for this type. */
public enum QueryLanguage {
  /** Kibana Query Language. */
  KUERY("kuery"),
  /** Lucene query strings. */
  LUCENE("lucene");

  private final String value;

  QueryLanguage(String value) {
    this.value = value;
  }

  /** Returns the name as rules write it, for example {@code kuery}. */
  public String value() {
    return value;
  }
}
