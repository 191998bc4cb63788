package io.millrace.cluster;

import io.millrace.cluster.metadata.ClusterImage;

/** Hands the newest image from the metadata thread to all others. Thread-safe. */
final class PublishedImage {
    private volatile ClusterImage newest;

    PublishedImage(ClusterImage first) {
        newest = first;
    }

    ClusterImage get() {
        return newest;
    }

    void set(ClusterImage image) {
        newest = image;
    }
}
