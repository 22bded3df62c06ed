// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import java.util.Locale;

/** The names of fields and groups of fields, one level each, encoded once. */
enum Field {
  ADDRESS,
  AS,
  CATEGORY,
  CIDR,
  CLIENT,
  CONFIDENCE,
  COUNTRY_ISO_CODE,
  CREATED,
  DATASET,
  DESCRIPTION,
  DOMAIN,
  ECS,
  EMAIL,
  EVENT,
  EXPIRES_AT,
  FEED,
  FILE,
  FIRST_SEEN,
  FULL,
  GENERATION,
  GEO,
  HASH,
  HIVE,
  HOSTS,
  ID,
  IMPHASH,
  INDEX,
  INDICATOR,
  INGESTED,
  IP,
  JA3,
  JA3S,
  JA4,
  KEY,
  KIND,
  LAST_SEEN,
  MAC,
  MARKING,
  MD5,
  META_ID("_id"),
  META_INDEX("_index"),
  MIME_TYPE,
  MODIFIED_AT,
  MODULE,
  MUTEX,
  NAME,
  NUMBER,
  ORIGINAL,
  PATH,
  PE,
  PORT,
  PORTS,
  PROVIDER,
  QUERY,
  REFERENCE,
  REFERENCES,
  REGISTRY,
  RELATED,
  REQUIRE_ALIAS,
  ROLE,
  SCHEME,
  SERVER,
  SHA1,
  SHA256,
  SHA512,
  SIGHTINGS,
  SIZE,
  SOFTWARE,
  SSDEEP,
  STATUS,
  TAGS,
  THREAT,
  TIMESTAMP("@timestamp"),
  TIP,
  TLS,
  TLSH,
  TYPE,
  URL,
  USER,
  VALUE,
  VERSION,
  VERSION_TYPE,
  WITHDRAWN_AT,
  WITHDRAWN_REASON;

  private final SerializableString text;

  Field() {
    this.text = new SerializedString(name().toLowerCase(Locale.ROOT));
  }

  Field(String text) {
    this.text = new SerializedString(text);
  }

  SerializableString text() {
    return text;
  }
}
