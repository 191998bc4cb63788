/**
 * Agreement on the metadata log, behind the port {@link MetadataQuorum}. The engine for a quorum of
 * one keeps the log in a partition log of its own. Runs on the metadata thread.
 */
@NullMarked
package io.millrace.cluster.quorum;

import org.jspecify.annotations.NullMarked;
