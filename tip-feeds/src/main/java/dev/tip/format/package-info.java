// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Parsers of list formats, made to be told about a list and not to be extended.
 *
 * <p>{@link dev.tip.format.Lines} reads one value a line, {@link dev.tip.format.Delimited} tables,
 * {@link dev.tip.format.JsonRecords} JSON. Each is told what its records look like and what they
 * state: with a {@link dev.tip.format.Mapping}, which is data, or with a {@link
 * dev.tip.format.RecordMapper}, which is code. They stream: memory does not follow the size of a
 * list.
 *
 * <p>{@link dev.tip.format.StixObjects}, {@link dev.tip.format.MispEvents}, {@link
 * dev.tip.format.OtxPulses} and {@link dev.tip.format.OpenIoc} read documents that say themselves
 * what they state.
 */
@NullMarked
package dev.tip.format;

import org.jspecify.annotations.NullMarked;
