/** Tests of images and what they are made of. */
@NullMarked
package io.millrace.cluster.metadata;

import org.jspecify.annotations.NullMarked;
