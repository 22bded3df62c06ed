// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

/**
 * What a hunt would cost.
 *
 * @param indicators how many indicators are waiting
 * @param compared how many of them some rule compares with events
 * @param searches how many searches it takes at least; each page of 500 events that are found is
 *     one more, and the server may want smaller ones
 * @param documents how many events of the time these searches choose from; one that several rules
 *     read counts for each
 */
public record HuntEstimate(long indicators, long compared, long searches, long documents) {}
