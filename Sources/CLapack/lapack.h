/* Prototypes of the LAPACK in OpenBLAS, which Debian's headers leave out. Fortran's conventions: all by reference, columns dense,
   the lengths of texts behind all arguments. Numbers are void pointers, so that the routines for float and double have one type. */
#pragma once
#include <stddef.h>

/* A = P L U. */
void sgetrf_(const int *m, const int *n, void *a, const int *lda, int *pivots, int *info);
void dgetrf_(const int *m, const int *n, void *a, const int *lda, int *pivots, int *info);
/* Solves with getrf's factors. */
void sgetrs_(const char *trans, const int *n, const int *nrhs, void *a, const int *lda, int *pivots, void *b, const int *ldb, int *info, size_t);
void dgetrs_(const char *trans, const int *n, const int *nrhs, void *a, const int *lda, int *pivots, void *b, const int *ldb, int *info, size_t);
/* A = L Lt or Ut U. */
void spotrf_(const char *uplo, const int *n, void *a, const int *lda, int *info, size_t);
void dpotrf_(const char *uplo, const int *n, void *a, const int *lda, int *info, size_t);
/* Solves with potrf's factor. */
void spotrs_(const char *uplo, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, int *info, size_t);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, int *info, size_t);
/* The inverse from potrf's factor. */
void spotri_(const char *uplo, const int *n, void *a, const int *lda, int *info, size_t);
void dpotri_(const char *uplo, const int *n, void *a, const int *lda, int *info, size_t);
/* A = Q R, Q as reflectors. */
void sgeqrf_(const int *m, const int *n, void *a, const int *lda, void *tau, void *work, const int *lwork, int *info);
void dgeqrf_(const int *m, const int *n, void *a, const int *lda, void *tau, void *work, const int *lwork, int *info);
/* Q from reflectors. */
void sorgqr_(const int *m, const int *n, const int *k, void *a, const int *lda, void *tau, void *work, const int *lwork, int *info);
void dorgqr_(const int *m, const int *n, const int *k, void *a, const int *lda, void *tau, void *work, const int *lwork, int *info);
/* A product with Q. */
void sormqr_(const char *side, const char *trans, const int *m, const int *n, const int *k, void *a, const int *lda, void *tau, void *c, const int *ldc, void *work, const int *lwork, int *info, size_t, size_t);
void dormqr_(const char *side, const char *trans, const int *m, const int *n, const int *k, void *a, const int *lda, void *tau, void *c, const int *ldc, void *work, const int *lwork, int *info, size_t, size_t);
/* A = U S Vt by divide and conquer. */
void sgesdd_(const char *jobz, const int *m, const int *n, void *a, const int *lda, void *s, void *u, const int *ldu, void *vt, const int *ldvt, void *work, const int *lwork, int *iwork, int *info, size_t);
void dgesdd_(const char *jobz, const int *m, const int *n, void *a, const int *lda, void *s, void *u, const int *ldu, void *vt, const int *ldvt, void *work, const int *lwork, int *iwork, int *info, size_t);
/* Eigenvalues and vectors of a symmetric matrix. */
void ssyevd_(const char *jobz, const char *uplo, const int *n, void *a, const int *lda, void *w, void *work, const int *lwork, int *iwork, const int *liwork, int *info, size_t, size_t);
void dsyevd_(const char *jobz, const char *uplo, const int *n, void *a, const int *lda, void *w, void *work, const int *lwork, int *iwork, const int *liwork, int *info, size_t, size_t);
/* A = L D Lt. */
void ssytrf_(const char *uplo, const int *n, void *a, const int *lda, int *pivots, void *work, const int *lwork, int *info, size_t);
void dsytrf_(const char *uplo, const int *n, void *a, const int *lda, int *pivots, void *work, const int *lwork, int *info, size_t);
/* Solves with sytrf's factors. */
void ssytrs_(const char *uplo, const int *n, const int *nrhs, void *a, const int *lda, int *pivots, void *b, const int *ldb, int *info, size_t);
void dsytrs_(const char *uplo, const int *n, const int *nrhs, void *a, const int *lda, int *pivots, void *b, const int *ldb, int *info, size_t);
/* Solves with a triangular matrix. */
void strtrs_(const char *uplo, const char *trans, const char *diag, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, int *info, size_t, size_t, size_t);
void dtrtrs_(const char *uplo, const char *trans, const char *diag, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, int *info, size_t, size_t, size_t);
/* Least squares by QR, full rank. */
void sgels_(const char *trans, const int *m, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, void *work, const int *lwork, int *info, size_t);
void dgels_(const char *trans, const int *m, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, void *work, const int *lwork, int *info, size_t);
/* Least squares by QR with pivots. */
void sgelsy_(const int *m, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, int *jpvt, void *rcond, int *rank, void *work, const int *lwork, int *info);
void dgelsy_(const int *m, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, int *jpvt, void *rcond, int *rank, void *work, const int *lwork, int *info);
/* Least squares by divide and conquer SVD. */
void sgelsd_(const int *m, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, void *s, void *rcond, int *rank, void *work, const int *lwork, int *iwork, int *info);
void dgelsd_(const int *m, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, void *s, void *rcond, int *rank, void *work, const int *lwork, int *iwork, int *info);
/* Least squares by SVD. */
void sgelss_(const int *m, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, void *s, void *rcond, int *rank, void *work, const int *lwork, int *info);
void dgelss_(const int *m, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, void *s, void *rcond, int *rank, void *work, const int *lwork, int *info);
/* The same of complex matrices. */
void cgetrf_(const int *m, const int *n, void *a, const int *lda, int *pivots, int *info);
void zgetrf_(const int *m, const int *n, void *a, const int *lda, int *pivots, int *info);
void cgetrs_(const char *trans, const int *n, const int *nrhs, void *a, const int *lda, int *pivots, void *b, const int *ldb, int *info, size_t);
void zgetrs_(const char *trans, const int *n, const int *nrhs, void *a, const int *lda, int *pivots, void *b, const int *ldb, int *info, size_t);
/* Eigenvalues and vectors of any square matrix. */
void sgeev_(const char *jobvl, const char *jobvr, const int *n, void *a, const int *lda, void *wr, void *wi, void *vl, const int *ldvl, void *vr, const int *ldvr, void *work, const int *lwork, int *info, size_t, size_t);
void dgeev_(const char *jobvl, const char *jobvr, const int *n, void *a, const int *lda, void *wr, void *wi, void *vl, const int *ldvl, void *vr, const int *ldvr, void *work, const int *lwork, int *info, size_t, size_t);
void cgeev_(const char *jobvl, const char *jobvr, const int *n, void *a, const int *lda, void *w, void *vl, const int *ldvl, void *vr, const int *ldvr, void *work, const int *lwork, void *rwork, int *info, size_t, size_t);
void zgeev_(const char *jobvl, const char *jobvr, const int *n, void *a, const int *lda, void *w, void *vl, const int *ldvl, void *vr, const int *ldvr, void *work, const int *lwork, void *rwork, int *info, size_t, size_t);
