/**
 * What the keys in a request cost: Kafka's classes keep some arrays in hash tables, which keys can
 * be chosen for so that they take hours to fill. Works on the bytes, before they are decoded. On
 * the thread that decodes; knows kafka-clients and nothing of ours.
 */
@NullMarked
package io.millrace.broker.wire.keyed;

import org.jspecify.annotations.NullMarked;
