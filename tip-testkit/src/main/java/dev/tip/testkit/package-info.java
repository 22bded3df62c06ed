// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Contract tests for feeds and sinks, an HTTP origin that misbehaves on request, and a real
 * Elasticsearch.
 */
@NullMarked
package dev.tip.testkit;

import org.jspecify.annotations.NullMarked;
