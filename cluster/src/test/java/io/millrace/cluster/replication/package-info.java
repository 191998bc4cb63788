@NullMarked
package io.millrace.cluster.replication;

import org.jspecify.annotations.NullMarked;
