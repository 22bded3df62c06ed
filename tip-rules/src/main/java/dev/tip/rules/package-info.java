// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/** Indicator match rules ({@code threat_match}) as detection-rules TOML and as Kibana NDJSON. */
@NullMarked
package dev.tip.rules;

import org.jspecify.annotations.NullMarked;
