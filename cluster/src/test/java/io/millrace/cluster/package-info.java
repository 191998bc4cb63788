/** Tests of the cluster's metadata. */
@NullMarked
package io.millrace.cluster;

import org.jspecify.annotations.NullMarked;
